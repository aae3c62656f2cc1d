#include "cmd/classic_format.h"

#include "modes/net/make_charset.h"
#include "protocol/limits.h"

namespace netchat::cmd {

ClassicFormat readClassicFormat(const Arguments& arguments) {
    ClassicFormat format;
    format.headerWidth = static_cast<size_t>(
        arguments.number("header", limits::kHeaderWidthMin, limits::kHeaderWidthMax));
    format.encoding = arguments.text("encoding");
    if (!net::makeCharset(format.encoding)) {
        arguments.reject("encoding", "must be one of " + net::knownCharsets() +
                                         " or another text codec of Python");
    }
    return format;
}

}  // namespace netchat::cmd
