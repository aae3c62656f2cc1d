#include "modes/connect/line_splitter.h"

#include <utility>

namespace netchat::connect {

LineSplitter::Got LineSplitter::next(std::string_view& input, std::string_view& line) {
    const size_t end = input.find('\n');
    if (end != std::string_view::npos) {
        const auto rest = input.substr(0, end);
        input.remove_prefix(end + 1);
        return complete(rest, line);
    }
    tooLong_ = tooLong_ || held_.size() + input.size() > lineBytesMax_;
    tooLong_ ? held_.clear() : void(held_.append(input));
    input = {};
    return Got::NeedMore;
}

LineSplitter::Got LineSplitter::finish(std::string_view& line) {
    if (held_.empty() && !tooLong_) return Got::NeedMore;
    return complete({}, line);
}

LineSplitter::Got LineSplitter::complete(std::string_view rest, std::string_view& line) {
    const bool tooLong = tooLong_ || held_.size() + rest.size() > lineBytesMax_;
    tooLong_ = false;
    line_ = std::exchange(held_, {});
    if (tooLong) return Got::TooLong;
    line = line_.empty() ? rest : std::string_view(line_.append(rest));
    return Got::Line;
}

}  // namespace netchat::connect
