#include "harness/hostile/peers.h"

#include <charconv>
#include <utility>

#include "harness/hostile/expectation_failed.h"
#include "modes/net/clock.h"
#include "modes/net/make_charset.h"
#include "protocol/text_safety.h"

namespace netchat::harness::hostile {

namespace {

constexpr uint64_t kFileBytesMax = 64 * limits::kMiB;

}  // namespace

std::string Heard::label(std::string_view name) const {
    const auto frame = parseFrame(payload);
    const auto* const found = frame ? frame->labels.find(name) : nullptr;
    return found ? std::string(*found) : std::string();
}

uint64_t Heard::number(std::string_view name) const {
    const std::string text = label(name);
    uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Heard V2Peer::enter(const v2::Hello& hello) {
    send(hello);
    return until(v2::Welcome::kVerb);
}

void V2Peer::join(std::string_view room) {
    send(v2::Join{.room = room});
    until(v2::Joined::kVerb);
}

Heard V2Peer::next() {
    for (;;) {
        const std::string_view rest = std::string_view(bytes_).substr(taken_);
        if (rest.size() >= limits::kHeaderWidth) {
            const auto length = parseHeader(rest.substr(0, limits::kHeaderWidth));
            require(static_cast<bool>(length), "no frame, but '" + forLog(rest) + "'");
            if (rest.size() - limits::kHeaderWidth >= *length) {
                taken_ += limits::kHeaderWidth + *length;
                return {std::string(rest.substr(limits::kHeaderWidth, *length))};
            }
        }
        bytes_.erase(0, taken_);
        taken_ = 0;
        const std::string more = connection_.read();
        require(!more.empty(), "the server ended the connection");
        bytes_ += more;
    }
}

Heard V2Peer::until(std::string_view verb) {
    const int64_t deadline = net::monotonicMs() + target_.patienceMs();
    while (net::monotonicMs() < deadline) {
        Heard heard = next();
        if (heard.verb() == verb) return heard;
        if (heard.verb() == v2::Failure::kVerb) {
            throw ExpectationFailed("no " + std::string(verb) + " but error " +
                                    heard.label("code") + ": " + forLog(heard.body()));
        }
    }
    throw ExpectationFailed("no " + std::string(verb) + " came");
}

Heard V2Peer::refused(std::string_view code) {
    Heard heard = until(v2::Failure::kVerb);
    if (heard.label("code") == code) return heard;
    throw ExpectationFailed("no error " + std::string(code) + " but " + heard.label("code") + ": " +
                            forLog(heard.body()));
}

void V2Peer::closed(int64_t patienceMs) {
    require(connection_.readToEnd(patienceMs).has_value(),
            "the server did not close the connection within " + std::to_string(patienceMs) + " ms");
}

void V2Peer::lives() {
    const std::string token = target_.newName("alive");
    require(send(v2::Ping{.token = token}), "the connection takes nothing more");
    while (until(v2::Pong::kVerb).label("token") != token) continue;
}

ClassicPeer::ClassicPeer(Target& target, const RawConnection::Options& options)
    : target_(target),
      connection_(target.connection(std::move(options))),
      charset_(net::makeCharset(target.options().encoding)),
      reader_({target.options().headerWidth, *charset_}, kFileBytesMax) {
}

ClassicPeer::ClassicPeer(Target& target, const std::string& name,
                         const RawConnection::Options& options)
    : ClassicPeer(target, std::move(options)) {
    name_ = name;
    say(name);
}

ClassicPeer::Item ClassicPeer::next() {
    using Event = classic::ServerReader::Event;
    for (;;) {
        switch (reader_.next()) {
            case Event::NeedMore: {
                reader_.release();
                const std::string more = connection_.read();
                require(!more.empty(), "the server ended the connection");
                reader_.feed(more);
                reader_.release();
                break;
            }
            case Event::Message:
                return {reader_.user(), reader_.text(), {}, false};
            case Event::FileBegin:
                item_ = {{}, reader_.text(), {}, true};
                break;
            case Event::FileBytes:
                item_.bytes += reader_.bytes();
                break;
            case Event::FileEnd:
                item_.user = reader_.user();
                return std::move(item_);
            case Event::Failed:
                throw ExpectationFailed("what came is not the classic dialect: " +
                                        forLog(reader_.error().text));
        }
    }
}

ClassicPeer::Item ClassicPeer::from(std::string_view user) {
    const int64_t deadline = net::monotonicMs() + target_.patienceMs();
    while (net::monotonicMs() < deadline) {
        Item item = next();
        if (item.user == user) return item;
    }
    throw ExpectationFailed("nothing came from " + std::string(user));
}

void ClassicPeer::closed() {
    require(connection_.readToEnd(target_.patienceMs()).has_value(),
            "the server did not close the connection");
}

void ClassicPeer::lives() {
    ClassicPeer witness(target_, target_.newName("witness"));
    witness.next();  // it is in: it hears the bystanders
    require(say("I am here"), "the connection takes nothing more");
    while (witness.from(name_).text != "I am here") continue;
}

}  // namespace netchat::harness::hostile
