#include "harness/hostile/bystanders.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "harness/hostile/expectation_failed.h"
#include "modes/net/clock.h"
#include "modes/net/make_charset.h"
#include "protocol/classic.h"
#include "protocol/message.h"
#include "protocol/text_safety.h"

namespace netchat::harness::hostile {

namespace {

constexpr size_t kTroublesMax = 4;
constexpr uint64_t kSaidAfter = 2;
constexpr int64_t kEnterMs = 10'000;

// The next number of a text, after a space.
bool takeNumber(std::string_view& text, uint64_t& value) {
    if (text.empty() || text[0] != ' ') return false;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return true;
}

}  // namespace

struct Bystanders::Member {
    Member(Target& target, bool isClassic, size_t size)
        : classic(isClassic),
          connection(target.connection()),
          charset(net::makeCharset(target.options().encoding)),
          fields(target.options().headerWidth),
          heard(size) {}

    bool classic;
    std::string name;
    RawConnection connection;
    std::unique_ptr<Charset> charset;
    FieldReader fields;
    std::string in, out;
    size_t field = 0;  // classic: of the three of a message
    std::string text, buffer;
    bool inside = false, over = false;
    uint64_t said = 0;
    int64_t nextMs = 0;
    std::vector<uint64_t> heard;  // of each member
};

Result<std::unique_ptr<Bystanders>> Bystanders::enter(Target& target,
                                                      const BystanderOptions& options) {
    std::unique_ptr<Bystanders> bystanders(new Bystanders(target, options));
    const size_t size = options.v2 + options.classic;
    try {
        for (size_t i = 0; i < size; ++i) {
            auto member = std::make_unique<Member>(target, i >= options.v2, size);
            member->name = target.newName("crowd");
            member->nextMs = net::monotonicMs() +
                             static_cast<int64_t>(i) * options.everyMs / static_cast<int64_t>(size);
            if (member->classic) {
                member->out = target.field(member->name);
                member->inside = true;
            } else {
                v2::encode(member->out, v2::Hello{.nick = member->name});
                v2::encode(member->out, v2::Join{.room = kLobby});
            }
            bystanders->members_.push_back(std::move(member));
        }
    } catch (const ExpectationFailed& otherwise) {
        return Error{ErrorCode::Closing, otherwise.what()};
    }
    bystanders->thread_ = std::thread([&it = *bystanders] { it.run(); });
    if (auto status = bystanders->waitForAll(kEnterMs); !status) return status.error();
    return bystanders;
}

Bystanders::Bystanders(Target& target, const BystanderOptions& options)
    : target_(target), options_(options), mark_(target.newName("all-is-well")) {
}

Bystanders::~Bystanders() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

// Who enters the classic dialect is told nothing: only that it hears the others shows that it is
// in. Until all hear all, what does not arrive counts for nothing.
Status Bystanders::waitForAll(int64_t patienceMs) {
    const int64_t deadline = net::monotonicMs() + patienceMs;
    while (net::monotonicMs() < deadline && !broken_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const MutexLock lock(mutex_);
        bool all = true;
        for (const auto& member : members_) {
            for (size_t i = 0; i < members_.size(); ++i) {
                const bool own = members_[i].get() == member.get();
                all = all && (member->heard[i] > 0 || (own && member->classic));
            }
        }
        if (!all || broken_) continue;
        talking_ = true;
        latencies_ = {};
        news_ = {};
        return Ok{};
    }
    const MutexLock lock(mutex_);
    return Error{ErrorCode::Timeout, news_.troubles.empty() ? "the crowd does not hear each other"
                                                            : news_.troubles.front()};
}

BystanderNews Bystanders::settle(int64_t patienceMs) {
    std::vector<uint64_t> said;
    {
        const MutexLock lock(mutex_);
        for (const auto& member : members_) said.push_back(member->said + kSaidAfter);
    }
    const int64_t deadline = net::monotonicMs() + patienceMs;
    for (;;) {
        {
            const MutexLock lock(mutex_);
            uint64_t missing = 0;
            const bool arrived = everythingArrived(said, missing);
            if (arrived || broken_ || net::monotonicMs() >= deadline) {
                BystanderNews news = std::move(news_);
                news_ = {};
                news.lost += missing;
                if (missing > 0) broken_ = true;
                news.delivered = latencies_.count();
                news.p99Ns = latencies_.quantile(0.99);
                news.maxNs = latencies_.max();
                latencies_ = {};
                return news;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

bool Bystanders::everythingArrived(const std::vector<uint64_t>& said, uint64_t& missing) const {
    missing = 0;
    for (const auto& member : members_) {
        for (size_t i = 0; i < said.size(); ++i) {
            if (member->classic && members_[i].get() == member.get()) continue;
            missing += said[i] - std::min(said[i], member->heard[i]);
        }
    }
    return missing == 0;
}

void Bystanders::trouble(const std::string& text) {
    if (news_.troubles.size() < kTroublesMax) news_.troubles.push_back(text);
    broken_ = true;
}

void Bystanders::run() {
    std::vector<pollfd> waiting(members_.size());
    while (!stopping_) {
        {
            const MutexLock lock(mutex_);
            const int64_t now = net::monotonicMs();
            for (size_t i = 0; i < members_.size(); ++i) {
                Member& member = *members_[i];
                if (member.inside && !member.over && now >= member.nextMs) speak(member);
                flush(member);
                const auto wanted = member.out.empty() ? POLLIN : POLLIN | POLLOUT;
                waiting[i] = {member.over ? -1 : member.connection.descriptor(),
                              static_cast<short>(wanted), 0};
            }
        }
        constexpr int kTurnMs = 2;
        if (::poll(waiting.data(), waiting.size(), kTurnMs) <= 0) continue;
        const MutexLock lock(mutex_);
        for (size_t i = 0; i < members_.size(); ++i) {
            if (waiting[i].revents & ~POLLOUT) read(*members_[i]);
        }
    }
}

void Bystanders::speak(Member& member) {
    member.nextMs = net::monotonicMs() + options_.everyMs;
    const auto index = std::find_if(members_.begin(), members_.end(),
                                    [&](const auto& each) { return each.get() == &member; }) -
                       members_.begin();
    const std::string text = mark_ + " " + std::to_string(index) + " " +
                             std::to_string(++member.said) + " " +
                             std::to_string(net::monotonicNs());
    if (member.classic) {
        member.out += target_.field(text);
    } else {
        v2::encode(member.out,
                   v2::Say{.room = kLobby, .id = std::to_string(member.said), .text = text});
    }
}

void Bystanders::flush(Member& member) {
    if (member.over || member.out.empty()) return;
    const size_t taken = member.connection.sendSome(member.out);
    member.out.erase(0, taken);
}

void Bystanders::read(Member& member) {
    if (member.over) return;
    bool ended = false;
    member.in += member.connection.readSome(ended);
    try {
        member.classic ? takeClassic(member) : takeV2(member);
    } catch (const ExpectationFailed& otherwise) {
        trouble(member.name + ": " + otherwise.what());
        member.over = true;
    }
    if (ended && !member.over) {
        trouble(member.name + " lost its connection");
        member.over = true;
    }
}

void Bystanders::takeV2(Member& member) {
    size_t at = 0;
    while (member.in.size() - at >= limits::kHeaderWidth) {
        const std::string_view rest = std::string_view(member.in).substr(at);
        const auto length = parseHeader(rest.substr(0, limits::kHeaderWidth));
        require(static_cast<bool>(length), "what came is no frame");
        if (rest.size() - limits::kHeaderWidth < *length) break;
        at += limits::kHeaderWidth + *length;
        const auto frame = parseFrame(rest.substr(limits::kHeaderWidth, *length));
        require(static_cast<bool>(frame), "what came is no frame");
        if (frame->verb == v2::Msg::kVerb) take(member, frame->body);
        if (frame->verb == v2::Joined::kVerb) member.inside = true;
        require(frame->verb != v2::Failure::kVerb, "was told: " + forLog(frame->body));
    }
    member.in.erase(0, at);
}

// A message is three fields, and a file four.
void Bystanders::takeClassic(Member& member) {
    const size_t width = target_.options().headerWidth;
    size_t at = 0;
    while (member.in.size() - at >= width) {
        const std::string_view rest = std::string_view(member.in).substr(at);
        const auto length = parseHeader(rest.substr(0, width));
        require(static_cast<bool>(length), "what came is no field: '" + forLog(rest) + "'");
        if (rest.size() - width < *length) break;
        at += width + *length;
        const std::string_view payload = rest.substr(width, *length);
        ++member.field;
        if (member.field == 2) {
            const auto text = member.charset->toUtf8(payload, member.buffer);
            member.text = text ? std::string(*text) : std::string();
        }
        const bool file = matchesFileRule(member.text);
        if (member.field == (file ? 4U : 3U)) {
            if (!file) take(member, member.text);
            member.field = 0;
            member.text.clear();
        }
    }
    member.in.erase(0, at);
}

void Bystanders::take(Member& member, std::string_view text) {
    if (!text.starts_with(mark_)) return;
    text.remove_prefix(mark_.size());
    uint64_t from = 0, number = 0, sentNs = 0;
    const bool good = takeNumber(text, from) && takeNumber(text, number) &&
                      takeNumber(text, sentNs) && text.empty() && from < members_.size();
    require(good, "a message of the crowd came changed");
    uint64_t& heard = member.heard[from];
    if (number <= heard) {
        ++news_.doubled;
        return trouble(member.name + " was sent a message twice");
    }
    // Those who came later have not missed what was said before.
    if (number != heard + 1 && (talking_ || heard != 0)) {
        news_.lost += number - heard - 1;
        trouble(member.name + " was not sent a message");
    }
    heard = number;
    latencies_.add(net::monotonicNs() - static_cast<int64_t>(sentNs));
}

}  // namespace netchat::harness::hostile
