// The config as a JSON Schema, for editors: made from the key table, so that it says what the messages say.
#pragma once

#include <string>

namespace sharpwave::config {

/// JSON Schema, draft 7, which editors know. It accepts every valid config. What depends on several keys
/// (which rule needs which number, sizes of lists, names of populations) it leaves to `sharpwave validate`.
[[nodiscard]] std::string json_schema();

}  // namespace sharpwave::config
