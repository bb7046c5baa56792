// The page's files, put into the program when it is built.
#pragma once

#include <string_view>

namespace sharpwave::report {

extern const std::string_view kPageTemplate;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace sharpwave::report
