#include "modes/connect/output.h"

#include "protocol/limits.h"

namespace netchat::connect {

namespace {

constexpr size_t kPendingBytesMax = 64 * limits::kKiB;

}  // namespace

void Output::line(std::string_view text) {
    pending_.append(text).push_back('\n');
    if (pending_.size() > kPendingBytesMax) flush();
}

void Output::text(std::string_view text) {
    pending_.append(text);
}

OutputState Output::flush() {
    const auto state = out_.write(pending_);
    pending_.clear();
    switch (state) {
        case client::LineOutput::State::Open:
            return OutputState::Open;
        case client::LineOutput::State::Closed:
        case client::LineOutput::State::Stuck:
            return OutputState::Closed;
        case client::LineOutput::State::Failed:
            break;
    }
    return OutputState::Failed;
}

}  // namespace netchat::connect
