#include "cmd/standard_output.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace netchat::cmd {

namespace {

constexpr size_t kPieceBytes = 64 * 1024;

}  // namespace

StandardOutput::StandardOutput(std::string who) : who_(std::move(who)), out_(STDOUT_FILENO) {
    std::fflush(stdout);
}

bool StandardOutput::put(std::string_view text) {
    waiting_ += text;
    return waiting_.size() < kPieceBytes ? out_.state() == client::LineOutput::State::Open
                                         : flush();
}

bool StandardOutput::flush() {
    return out_.write(std::exchange(waiting_, {})) == client::LineOutput::State::Open;
}

int StandardOutput::finish(int good) {
    flush();
    if (out_.state() != client::LineOutput::State::Failed) return good;
    std::fprintf(stderr, "%s: stdout cannot be written: %s\n", who_.c_str(), out_.reason().c_str());
    return kExitNotHeld;
}

int printOut(const std::string& who, std::string_view text, int good) {
    StandardOutput out(who);
    out.put(text);
    return out.finish(good);
}

}  // namespace netchat::cmd
