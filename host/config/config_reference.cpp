// Prints the reference page of the config's keys: config_reference > docs/config.md
#include <cstdio>

#include "host/config/key_table.hpp"

int main() {
  return std::fputs(sharpwave::config::reference_page().c_str(), stdout) >= 0 ? 0 : 1;
}
