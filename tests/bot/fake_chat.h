#pragma once

// A chat without a server: it records what it was told, and tells what the test wants. By default
// it behaves as a willing server would.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "modes/bot/chat.h"

namespace netchat::bot {

namespace event = client::event;

template <class E>
E eventOf() {
    return {};
}

class FakeChats;

// Events are told from the loop's next turn, as a Client does.
class FakeChat : public Chat {
  public:
    FakeChat(FakeChats& chats, client::Options options, client::Listener& listener)
        : chats_(chats), options_(std::move(options)), listener_(listener), nick_(options_.nick) {}
    ~FakeChat() override;

    void start() override;
    std::string say(std::string_view room, std::string_view text, std::string_view id) override;
    std::string tell(std::string_view nick, std::string_view text, std::string_view id) override;
    Result<std::string> upload(std::string_view room, const std::filesystem::path& file,
                               std::string_view id) override;
    void join(std::string_view room, std::optional<uint64_t> since) override;
    void leave(std::string_view room) override;
    void nick(std::string_view name) override;
    client::Resume state() const override;
    void who(std::string_view) override {}
    void rooms() override {}
    void history(std::string_view, uint64_t, uint64_t) override {}
    void search(std::string_view room, std::string_view words, uint64_t before,
                uint64_t limit) override;
    void op(std::string_view act, std::string_view target, std::string_view reason,
            uint64_t seconds) override;
    bool cancel(std::string_view key) override;
    void get(std::string_view sha256, std::string_view name, uint64_t size) override;
    bool idle() const override { return unacknowledged_ == 0; }
    size_t unacknowledged() const override { return unacknowledged_; }
    void bye() override;
    void disconnect() override;
    void reconnect() override;
    std::string nickName() const override { return nick_; }

    void tellSoon(std::function<void(client::Listener&)> what);
    void hears(std::string_view from, std::string_view text, std::string_view id = {},
               std::string_view room = "lobby", bool own = false);
    void loses(std::string_view code, std::string_view text);

    size_t unacknowledged_ = 0;

  private:
    FakeChats& chats_;
    client::Options options_;
    client::Listener& listener_;
    std::string nick_;
    std::string idOf(std::string_view wanted) {
        return wanted.empty() ? std::to_string(++lastId_) : std::string(wanted);
    }

    unsigned lastId_ = 0;
    std::vector<std::string> rooms_;
};

class FakeChats {
  public:
    explicit FakeChats(net::EventLoop& loop) : loop_(loop) {}

    ChatFactory factory() {
        return [this](const client::Options& options, client::Listener& listener) {
            auto chat = std::make_unique<FakeChat>(*this, options, listener);
            chats[options.nick] = chat.get();
            return chat;
        };
    }

    net::EventLoop& loop_;
    std::map<std::string, FakeChat*> chats;
    std::vector<std::string> done;      // "alice say lobby hello", in order
    std::vector<std::string> refusals;  // texts, rooms and nicks that the server refuses
    bool echoes = true;                 // what was said comes back
    bool answers = true;                // greetings and joins are answered
    bool byes = true;                   // and so are byes
    std::function<void(FakeChat&, const std::string& text)> onSay;
    client::Resume resume;                                          // what a client needs to go on
    std::vector<std::function<void(client::Listener&)>> afterJoin;  // told once, behind a join

    bool refuses(std::string_view what) const {
        for (const std::string& refusal : refusals) {
            if (refusal == what) return true;
        }
        return false;
    }
};

inline FakeChat::~FakeChat() {
    chats_.chats.erase(options_.nick);
}

inline void FakeChat::tellSoon(std::function<void(client::Listener&)> what) {
    chats_.loop_.post([&chats = chats_, key = options_.nick, what = std::move(what)] {
        auto found = chats.chats.find(key);
        if (found != chats.chats.end()) what(found->second->listener_);
    });
}

inline void FakeChat::hears(std::string_view from, std::string_view text, std::string_view id,
                            std::string_view room, bool own) {
    tellSoon([from = std::string(from), text = std::string(text), id = std::string(id),
              room = std::string(room), own](client::Listener& listener) {
        auto event = eventOf<event::Message>();
        event.room = room, event.from = from, event.text = text, event.id = id, event.own = own;
        listener.onEvent(event);
    });
}

inline void FakeChat::loses(std::string_view code, std::string_view text) {
    tellSoon([code = std::string(code), text = std::string(text)](client::Listener& listener) {
        auto event = eventOf<event::Disconnected>();
        event.code = code, event.text = text;
        listener.onEvent(event);
    });
}

inline void FakeChat::start() {
    chats_.done.push_back(nick_ + " start");
    if (chats_.refuses(nick_)) return loses("nick-in-use", "taken");
    if (!chats_.answers) return;
    tellSoon([](client::Listener& listener) { listener.onEvent(eventOf<event::Connected>()); });
}

inline client::Resume FakeChat::state() const {
    return chats_.resume;
}

inline std::string idNote(std::string_view wanted) {
    return wanted.empty() ? std::string() : " as " + std::string(wanted);
}

inline void FakeChat::search(std::string_view room, std::string_view words, uint64_t before,
                             uint64_t limit) {
    chats_.done.push_back(nick_ + " search " + std::string(room) + " " + std::string(words) +
                          " before " + std::to_string(before) + " limit " + std::to_string(limit));
    tellSoon([room = std::string(room)](client::Listener& listener) {
        auto event = eventOf<event::SearchPage>();
        event.room = room;
        listener.onEvent(event);
        listener.onEvent(event::SearchEnd{.room = room});
    });
}

inline void FakeChat::op(std::string_view act, std::string_view target, std::string_view reason,
                         uint64_t seconds) {
    chats_.done.push_back(nick_ + " op " + std::string(act) + " " + std::string(target) + " " +
                          std::to_string(seconds) + " " + std::string(reason));
    tellSoon([](client::Listener& listener) {
        auto event = eventOf<event::Notice>();
        event.re = "op";
        listener.onEvent(event);
    });
}

inline bool FakeChat::cancel(std::string_view key) {
    chats_.done.push_back(nick_ + " cancel " + std::string(key));
    return !chats_.refuses(key);
}

inline std::string FakeChat::say(std::string_view room, std::string_view text,
                                 std::string_view wanted) {
    std::string id = idOf(wanted);
    chats_.done.push_back(nick_ + " say " + std::string(room) + " " + std::string(text) +
                          idNote(wanted));
    if (chats_.refuses(text)) {
        tellSoon([id](client::Listener& listener) {
            auto event = eventOf<event::Refused>();
            event.re = "say", event.id = id, event.code = "bad-text", event.text = "not this";
            listener.onEvent(event);
        });
        return id;
    }
    ++unacknowledged_;
    if (!chats_.echoes) return id;
    chats_.loop_.post([&chats = chats_, key = options_.nick] {
        if (chats.chats.count(key)) --chats.chats[key]->unacknowledged_;
    });
    hears(nick_, text, id, room, true);
    for (auto& [name, chat] : chats_.chats) {
        if (chat != this) chat->hears(nick_, text, {}, room);
    }
    if (chats_.onSay) chats_.onSay(*this, std::string(text));
    return id;
}

inline std::string FakeChat::tell(std::string_view nick, std::string_view text,
                                  std::string_view wanted) {
    std::string id = idOf(wanted);
    chats_.done.push_back(nick_ + " tell " + std::string(nick) + " " + std::string(text) +
                          idNote(wanted));
    tellSoon([id](client::Listener& listener) {
        auto event = eventOf<event::Private>();
        event.id = id, event.own = true;
        listener.onEvent(event);
    });
    return id;
}

inline Result<std::string> FakeChat::upload(std::string_view, const std::filesystem::path& file,
                                            std::string_view wanted) {
    chats_.done.push_back(nick_ + " upload " + file.string() + idNote(wanted));
    if (chats_.refuses(file.string())) return Error{ErrorCode::NoSuchFile, "no such file"};
    std::string id = idOf(wanted);
    tellSoon([id](client::Listener& listener) {
        auto event = eventOf<event::Uploaded>();
        event.id = id;
        listener.onEvent(event);
    });
    return id;
}

inline void FakeChat::join(std::string_view room, std::optional<uint64_t>) {
    chats_.done.push_back(nick_ + " join " + std::string(room));
    if (!chats_.answers) return;
    bool refused = chats_.refuses(room);
    if (!refused) rooms_.emplace_back(room);
    tellSoon([room = std::string(room), refused](client::Listener& listener) {
        if (!refused) return listener.onEvent(event::Joined{.room = room});
        listener.onEvent(
            event::Refused{.room = room, .text = "not there", .code = "bad-room", .re = "join"});
    });
    for (auto& what : std::exchange(chats_.afterJoin, {})) tellSoon(std::move(what));
}

inline void FakeChat::leave(std::string_view room) {
    chats_.done.push_back(nick_ + " leave " + std::string(room));
    tellSoon([room = std::string(room)](client::Listener& listener) {
        auto event = eventOf<event::Left>();
        event.room = room;
        listener.onEvent(event);
    });
}

inline void FakeChat::nick(std::string_view name) {
    bool refused = chats_.refuses(name);
    if (!refused) nick_ = name;
    tellSoon([name = std::string(name), refused](client::Listener& listener) {
        if (!refused) return listener.onEvent(event::Named{.nick = name});
        listener.onEvent(
            event::Refused{.nick = name, .text = "taken", .code = "nick-in-use", .re = "nick"});
    });
}

inline void FakeChat::get(std::string_view sha256, std::string_view name, uint64_t size) {
    chats_.done.push_back(nick_ + " get " + std::string(name));
    bool refused = chats_.refuses(name);
    tellSoon([sha256 = std::string(sha256), name = std::string(name), size,
              refused](client::Listener& listener) {
        if (refused) {
            return listener.onEvent(
                event::FileFailed{.name = name, .sha256 = sha256, .size = size});
        }
        listener.onEvent(event::FileReceived{.name = name, .sha256 = sha256, .size = size});
    });
}

inline void FakeChat::reconnect() {
    start();
    for (const std::string& room : std::exchange(rooms_, {})) join(room, {});
}

inline void FakeChat::bye() {
    chats_.done.push_back(nick_ + " bye");
    if (chats_.byes) loses("", "");
}

inline void FakeChat::disconnect() {
    chats_.done.push_back(nick_ + " disconnect");
    loses("", "cut");
}

}  // namespace netchat::bot
