#include "modes/net/os_error.h"

#include <cctype>
#include <cerrno>
#include <system_error>

namespace netchat::net {

std::string osErrorText(int error) {
    std::string text = std::generic_category().message(error);
    if (!text.empty()) text[0] = static_cast<char>(std::tolower(text[0]));
    return text;
}

Error osError(std::string_view what, int error) {
    const auto code = error == ETIMEDOUT ? ErrorCode::Timeout : ErrorCode::Internal;
    return {code, std::string(what) + ": " + osErrorText(error)};
}

Error osError(std::string_view what, const Poco::Exception& exception) {
    // POCO's socket exceptions carry the errno as their code.
    if (exception.code() != 0) return osError(what, exception.code());
    return {ErrorCode::Internal, std::string(what) + ": " + exception.displayText()};
}

}  // namespace netchat::net
