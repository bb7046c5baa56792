#include "host/base/error.hpp"

int main() {
  return static_cast<int>(sharpwave::ExitCode::usage);
}
