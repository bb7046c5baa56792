// JSON as files and answers hold it: keys in the order in which they were written.
#pragma once

#include <nlohmann/json.hpp>

namespace sharpwave {

using Json = nlohmann::ordered_json;

}  // namespace sharpwave
