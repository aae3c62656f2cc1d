#include "modes/client/dialect_stack.h"

#include "modes/net/make_charset.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

std::unique_ptr<ClassicSide> makeClassic(const Options& options, SessionSink& sink, Host& host) {
    if (!options.classic) return nullptr;
    auto charset = net::makeCharset(options.encoding);
    if (!charset) charset = std::make_unique<Utf8Charset>();  // start() refuses
    return std::make_unique<ClassicSide>(options, std::move(charset), sink, host);
}

Status checkOptions(const Options& options) {
    if (!options.classic) return checkNick(options.nick);
    if (!net::makeCharset(options.encoding)) {
        return Error{ErrorCode::BadValue, "unknown encoding '" + forLog(options.encoding) +
                                              "'; known encodings: " + net::knownCharsets()};
    }
    if (options.headerWidth < limits::kHeaderWidthMin ||
        options.headerWidth > limits::kHeaderWidthMax) {
        return Error{ErrorCode::BadHeader, "a header has 2 to 20 digits"};
    }
    return checkClassicName(options.nick);
}

}  // namespace netchat::client
