// The page of the service, from host/service/page.
#pragma once

#include <string_view>

namespace sharpwave::service {

extern const std::string_view kPageHtml;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace sharpwave::service
