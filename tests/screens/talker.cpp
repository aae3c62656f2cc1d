#include "tests/screens/talker.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace netchat::test {

namespace {

constexpr int kStepMs = 2;  // what is said at once is what falls into this

}  // namespace

Talker::Talker(uint16_t port, unsigned perSecond, unsigned count)
    : client_(port, "talker"), perSecond_(perSecond), count_(count) {
    talking_ = std::thread([this] { talk(); });
    listening_ = std::thread([this] { listen(); });
}

Talker::~Talker() {
    stopping_ = true;
    talking_.join();
    listening_.join();
}

std::string Talker::textOf(unsigned number) {
    const std::string digits = std::to_string(number);
    return "line " + std::string(7 - std::min<size_t>(digits.size(), 7), '0') + digits +
           " of what somebody says much too fast to read";
}

void Talker::talk() {
    using namespace std::chrono;
    const auto begin = steady_clock::now();
    unsigned said = 0;
    try {
        for (int step = 1; said < count_ && !stopping_; ++step) {
            std::this_thread::sleep_until(begin + milliseconds(kStepMs * step));
            const unsigned due = static_cast<unsigned>(uint64_t{perSecond_} * kStepMs *
                                                       static_cast<uint64_t>(step) / 1000);
            std::string frames;
            for (; said < std::min(due, count_); ++said) {
                const std::string number = std::to_string(said + 1);
                frames +=
                    RawSocket::field("say\troom:lobby\tid:" + number + "\n" + textOf(said + 1));
            }
            if (!frames.empty()) client_.socket().send(frames);
        }
        while (!stopping_) std::this_thread::sleep_for(milliseconds(kStepMs));
        client_.socket().finishSending();
    } catch (const std::exception&) {
        // Whoever waits for what was to be said notices.
    }
}

// What the server sends is taken, so that it never waits for us; it ends when we do.
void Talker::listen() {
    try {
        for (;;) client_.read();
    } catch (const std::exception&) {
    }
}

}  // namespace netchat::test
