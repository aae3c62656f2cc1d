#pragma once

// A chat server of one room and a page of code, in the test's own loop: enough of v2 to be talked
// to over real sockets, and it breaks off where a test wants it to.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "modes/client/sha256.h"
#include "modes/net/acceptor.h"
#include "modes/net/connection.h"
#include "protocol/field.h"
#include "protocol/message.h"

namespace netchat::client::fixtures {

class SmallServer {
  public:
    explicit SmallServer(net::EventLoop& loop) : loop_(loop) {
        auto acceptor = net::Acceptor::bind(
            Poco::Net::SocketAddress("127.0.0.1", 0), [this](Poco::Net::StreamSocket socket) {
                loop_.post(
                    [this, socket] { peers_.push_back(std::make_unique<Peer>(*this, socket)); });
            });
        acceptor_ = std::move(acceptor.value());
        acceptor_->start();
    }
    uint16_t port() const { return acceptor_->address().port(); }

    // What the log holds: "1:text", by seq.
    std::vector<std::string> texts() const {
        std::vector<std::string> out;
        for (const Entry& entry : log_) out.push_back(entry.id + ":" + entry.text);
        return out;
    }
    // Cuts the connection within the n-th frame from now, after doing what it asks for.
    void cutAfter(int frames, bool answered) {
        cutAfter_ = frames;
        answered_ = answered;
    }
    void put(std::string bytes) {
        Sha256 hash;
        hash.update(bytes);
        store_[hash.hex()] = std::move(bytes);
    }
    // Announces what was put, as another user.
    void announce(std::string_view name, std::string_view bytes) {
        Sha256 hash;
        hash.update(bytes);
        append({"theirs", {}, std::string(name), hash.hex(), bytes.size(), 9});
    }
    // Sends these bytes to everyone.
    void blurt(std::string_view bytes) {
        for (auto& peer : peers_) peer->send(bytes);
    }
    size_t connections() const { return peers_.size(); }
    bool silent = false;  // reads and never answers
    uint64_t dataFrames = 0, pings = 0, cancels = 0;
    uint64_t chunkBytes = 64 * 1024;

  private:
    struct Entry {
        std::string id, text, name, sha256;
        uint64_t size = 0, user = 7;
    };
    struct Upload {
        std::string id, name, sha256, bytes;
        uint64_t size = 0;
    };

    class Peer : public net::Connection::Handler {
      public:
        Peer(SmallServer& server, const Poco::Net::StreamSocket& socket)
            : server_(server), connection_(server.loop_, socket, *this) {}
        void send(std::string_view bytes) {
            out_ += bytes;
            onWritable();
        }
        void onBytes(std::string_view bytes) override {
            reader_.feed(bytes);
            std::string_view payload;
            while (!over && reader_.takeField(limits::kFrameBytesMax, payload) ==
                                FieldReader::State::Ready) {
                auto frame = parseFrame(payload);
                if (frame && !server_.silent) server_.take(*this, *frame);
            }
            if (over) return server_.drop(this);
            reader_.release();
        }
        void onWritable() override {
            const iovec piece{out_.data(), out_.size()};
            out_.erase(0, connection_.write({&piece, 1}));
        }
        void onEnd(std::string_view) override { server_.drop(this); }
        bool over = false;
        bool joined = false;

      private:
        SmallServer& server_;
        net::Connection connection_;
        FieldReader reader_{limits::kHeaderWidth};
        std::string out_;
    };

    void drop(Peer* peer) {
        std::erase_if(peers_, [&](const auto& other) { return other.get() == peer; });
    }
    std::string encode(size_t index, bool again = false) const {
        const Entry& entry = log_[index];
        std::string out;
        if (entry.name.empty()) {
            v2::Msg msg;
            msg.room = "lobby", msg.seq = index + 1, msg.from = "alice", msg.user = 7;
            msg.id = entry.id, msg.text = entry.text, msg.again = again;
            v2::encode(out, msg);
        } else {
            v2::File file;
            file.room = "lobby", file.seq = index + 1, file.user = entry.user;
            file.from = "alice", file.id = entry.id, file.name = entry.name;
            file.size = entry.size, file.sha256 = entry.sha256, file.again = again;
            v2::encode(out, file);
        }
        return out;
    }
    void append(Entry entry) {
        log_.push_back(std::move(entry));
        for (auto& peer : peers_) {
            if (peer->joined) peer->send(encode(log_.size() - 1));
        }
    }
    bool known(Peer& peer, std::string_view id) {
        for (size_t i = 0; i < log_.size(); ++i) {
            if (log_[i].id != id) continue;
            peer.send(encode(i, true));
            return true;
        }
        return false;
    }

    void take(Peer& peer, const Frame& frame) {
        const bool cut = cutAfter_ > 0 && --cutAfter_ == 0;
        if (cut) peer.over = true;
        if (cut && !answered_) return;
        if (frame.verb == v2::kGreeting) {
            v2::Welcome welcome;
            welcome.session = "s", welcome.user = 7, welcome.nick = "alice";
            peer.send(v2::encoded(welcome));
        } else if (frame.verb == "join") {
            const auto join = v2::decode<v2::Join>(frame);
            peer.send(v2::encoded(v2::Joined{"lobby", log_.size(), 1, {}}));
            for (size_t i = join->since.value_or(log_.size()); i < log_.size(); ++i) {
                peer.send(encode(i));
            }
            peer.joined = true;
        } else if (frame.verb == "say") {
            const auto say = v2::decode<v2::Say>(frame);
            if (!known(peer, say->id))
                append({std::string(say->id), std::string(say->text), {}, {}});
        } else if (frame.verb == "offer") {
            takeOffer(peer, *v2::decode<v2::Offer>(frame));
        } else if (frame.verb == "data") {
            takeData(peer, *v2::decode<v2::Data>(frame));
        } else if (frame.verb == "get") {
            takeGet(peer, *v2::decode<v2::Get>(frame));
        } else if (frame.verb == "cancel") {
            ++cancels;
            const uint64_t transfer = v2::decode<v2::Cancel>(frame)->transfer;
            if (transfer != 0) uploads_[transfer - 1] = {};
        } else if (frame.verb == "ping") {
            ++pings;
            peer.send(v2::encoded(v2::Pong{.token = v2::decode<v2::Ping>(frame)->token}));
        } else if (frame.verb == "bye") {
            peer.send(v2::encoded(v2::Bye{.reason = {}}));
        }
    }
    void takeOffer(Peer& peer, const v2::Offer& offer) {
        if (known(peer, offer.id)) return;
        const auto sameBytes = [&](const Upload& upload) { return upload.sha256 == offer.sha256; };
        auto place = std::find_if(uploads_.begin(), uploads_.end(), sameBytes);
        if (place == uploads_.end()) place = uploads_.insert(uploads_.end(), Upload{});
        Upload& upload = *place;
        upload.id = offer.id, upload.name = offer.name, upload.sha256 = offer.sha256;
        upload.size = offer.size;
        const auto number = static_cast<uint64_t>(place - uploads_.begin()) + 1;
        peer.send(v2::encoded(v2::Accept{offer.id, number, upload.bytes.size()}));
    }
    void takeData(Peer& peer, const v2::Data& data) {
        ++dataFrames;
        Upload& upload = uploads_[data.transfer - 1];
        if (upload.id.empty()) {
            v2::Failure failure;
            failure.code = "no-such-transfer", failure.re = "data",
            failure.transfer = data.transfer;
            return peer.send(v2::encoded(failure));
        }
        if (data.off != upload.bytes.size()) return;
        upload.bytes += data.bytes;
        peer.send(v2::encoded(v2::Stored{data.transfer, upload.bytes.size()}));
        if (upload.bytes.size() < upload.size) return;
        put(upload.bytes);
        append({upload.id, {}, upload.name, upload.sha256, upload.size});
    }
    void takeGet(Peer& peer, const v2::Get& get) {
        const std::string& bytes = store_[std::string(get.sha256)];
        const uint64_t end = get.len == 0 ? bytes.size() : get.at + get.len;
        for (uint64_t at = get.at; at < end; at += chunkBytes) {
            v2::Data data;
            data.sha256 = get.sha256, data.off = at;
            data.bytes = std::string_view(bytes).substr(at, std::min(chunkBytes, end - at));
            peer.send(v2::encoded(data));
        }
    }

    net::EventLoop& loop_;
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<Entry> log_;
    std::vector<Upload> uploads_;  // a transfer is its place here, from 1
    std::map<std::string, std::string> store_;
    int cutAfter_ = 0;
    bool answered_ = false;
    std::unique_ptr<net::Acceptor> acceptor_;
};

}  // namespace netchat::client::fixtures
