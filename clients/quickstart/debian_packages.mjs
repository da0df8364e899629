// Real text from the machine itself: what apt knows of the packages people install.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";

// Where programs for people are; libraries and language packages are left out.
export const SECTIONS = [
  "sound", "net", "utils", "admin", "editors", "graphics", "games", "science", "video", "mail", "web", "text", "vcs",
  "database", "shells", "education", "hamradio", "comm", "electronics", "math",
];
const PARTS = /^lib|-(dev|dbg|dbgsym|doc|data|music|sounds?|levels?|themes?|common|l10n|headers|source|plugins?|examples?)$|-l10n-|^fonts-/;

// The stanzas of deb822 text, given as an async iterable of strings. Field names in lower case; a folded field keeps its
// line breaks.
export async function* stanzas(chunks) {
  let fields = {};
  let last = null;
  let rest = "";
  const line = (text) => {
    if (text === "") return true;
    if (text[0] === " " || text[0] === "\t") {
      if (last) fields[last] += `\n${text.slice(1)}`;
      return false;
    }
    const colon = text.indexOf(":");
    if (colon > 0) {
      last = text.slice(0, colon).toLowerCase();
      fields[last] = text.slice(colon + 1).trim();
    }
    return false;
  };
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const text of lines) {
      if (!line(text)) continue;
      if (last) yield fields;
      fields = {};
      last = null;
    }
  }
  line(rest);
  if (last) yield fields;
}

// A package as a record to ingest, or null for one without a description or for other packages than programs.
export function recordOf(fields) {
  const section = (fields.section ?? "").split("/").pop();
  const text = fields["description-en"] ?? fields.description ?? "";
  const [summary, ...more] = text.split("\n");
  if (!fields.package || summary === "" || !SECTIONS.includes(section) || PARTS.test(fields.package)) return null;
  const record = {
    name: fields.package,
    section,
    description: summary,
    size: Number(fields.size ?? 0),
    maintainer: (fields.maintainer ?? "").replace(/\s*<.*/, ""),
    version: fields.version ?? "",
  };
  if (fields.homepage) record.homepage = fields.homepage;
  const long = more.map((row) => (row.trim() === "." ? "" : row.trim())).join("\n").trim();
  if (long !== "") record.details = long.slice(0, 1000);
  return { record, isProgram: /role::program/.test(fields.tag ?? "") };
}

const order = (name) => createHash("sha256").update(name).digest("hex");

// At most `count` records, by name: those marked as programs first, then by a hash, so that every machine with the same
// package lists takes the same ones.
export async function select(allStanzas, count) {
  const byName = new Map();
  for await (const fields of allStanzas) {
    const found = recordOf(fields);
    if (found && !byName.has(found.record.name)) byName.set(found.record.name, found);
  }
  const ranked = [...byName.values()].map((found) => ({ ...found, key: `${found.isProgram ? 0 : 1}${order(found.record.name)}` }));
  ranked.sort((a, b) => (a.key < b.key ? -1 : 1));
  const records = ranked.slice(0, count).map((found) => found.record);
  return records.sort((a, b) => (a.name < b.name ? -1 : 1));
}

// What `apt-cache dumpavail` prints, a piece at a time. Throws when there is no apt-cache or it fails.
export async function* aptText() {
  const child = spawn("apt-cache", ["dumpavail"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`apt-cache ended with ${code}`))));
  });
  ended.catch(() => {});
  child.stdout.setEncoding("utf8");
  yield* child.stdout;
  await ended;
}
