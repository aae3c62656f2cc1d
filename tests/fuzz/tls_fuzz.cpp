// TLS between two of our channels, with somebody in between who changes, leaves out, doubles and
// puts in bytes; and either alone with anything. Whatever is heard was said, in its order. The
// first byte of an input chooses; the rest are four bytes for each change:
//
//     where (2 bytes)  what: 0 flips, 1 cuts out, 2 doubles, 3 puts in  the byte

#include <algorithm>
#include <memory>

#include "modes/net/tls.h"
#include "tests/fuzz/fuzz.h"

namespace netchat::fuzz {
namespace {

using net::TlsChannel;
using net::TlsContext;

const TlsContext& serverContext() {
    static const auto context = TlsContext::ofTemporaryServer();
    HOLDS(context);
    return **context;
}
const TlsContext& clientContext() {
    static const auto context = TlsContext::ofClient({});
    HOLDS(context);
    return **context;
}

// One end; nothing is asked of it after it has failed.
struct End {
    std::unique_ptr<TlsChannel> channel;
    std::string heard, said;
    bool over = false;

    void hear(std::string_view bytes, std::string& answer) {
        for (const auto piece : cut(bytes)) {
            if (over) return;
            const auto status = channel->receive(piece, heard, answer);
            if (status) continue;
            over = true;
            HOLDS(!status.error().text.empty());
        }
    }
    void say(std::string_view text, std::string& wire) {
        if (over || !channel->ready()) return;
        HOLDS(channel->send(text, wire));
        said += text;
    }
};

// Makes the changes that lie within these bytes of a direction.
class Meddler {
  public:
    explicit Meddler(std::string_view changes) : changes_(changes) {}

    std::string pass(std::string bytes) {
        const size_t begin = at_;
        at_ += bytes.size();
        while (changes_.size() >= 4) {
            const auto number = [&](size_t i) { return static_cast<uint8_t>(changes_[i]); };
            const size_t where = number(0) + size_t{256} * (number(1) % 16);
            if (where >= at_) break;
            const char byte = changes_[3];
            const size_t place = std::min(where < begin ? 0 : where - begin, bytes.size());
            switch (number(2) % 4) {
                case 0:
                    if (place < bytes.size()) bytes[place] = static_cast<char>(bytes[place] ^ byte);
                    break;
                case 1:
                    bytes.erase(place, static_cast<uint8_t>(byte));
                    break;
                case 2:
                    bytes.insert(place, bytes.substr(place, static_cast<uint8_t>(byte)));
                    break;
                default:
                    bytes.insert(place, 1, byte);
            }
            changes_.remove_prefix(4);
        }
        return bytes;
    }

  private:
    std::string_view changes_;
    size_t at_ = 0;
};

void between(std::string_view changes, bool ofServer) {
    End server{TlsChannel::ofServer(serverContext()), {}, {}};
    End client{TlsChannel::ofClient(clientContext(), "chat.example.org"), {}, {}};
    std::string toServer, toClient;
    client.channel->begin(toServer);
    Meddler meddler(changes);
    for (size_t round = 0; round < 12; ++round) {
        const auto arrives = [&](std::string& wire, bool meddled) {
            auto bytes = std::exchange(wire, {});
            return meddled ? meddler.pass(std::move(bytes)) : bytes;
        };
        server.hear(arrives(toServer, ofServer), toClient);
        client.hear(arrives(toClient, !ofServer), toServer);
        server.say("from the server " + std::to_string(round), toClient);
        client.say("from the client " + std::to_string(round), toServer);
        HOLDS(toServer.size() < 100'000 && toClient.size() < 100'000);
    }
    HOLDS(client.said.starts_with(server.heard));
    HOLDS(server.said.starts_with(client.heard));
    if (changes.size() < 4) HOLDS(client.channel->ready() && !server.heard.empty());
}

void alone(std::string_view bytes, bool server) {
    End end{server ? TlsChannel::ofServer(serverContext())
                   : TlsChannel::ofClient(clientContext(), "chat.example.org"),
            {},
            {}};
    std::string wire;
    if (!server) end.channel->begin(wire);
    end.hear(bytes, wire);
    HOLDS(end.heard.empty());
    HOLDS(!end.channel->ready());
    HOLDS(wire.size() < 100'000);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    Choices choices(textOf(data, size));
    const uint8_t way = choices.byte();
    if (way & 1) {
        between(choices.rest(), way & 2);
    } else {
        alone(choices.rest(), way & 2);
    }
    return 0;
}
