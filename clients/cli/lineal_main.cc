#include "clients/cli/program.h"

int main(int argc, char** argv) { return lineal::cli::RunProgram(argc, argv); }
