#include "modes/bot/chat.h"

namespace netchat::bot {
namespace {

class ClientChat : public Chat {
  public:
    ClientChat(net::EventLoop& loop, const client::Options& options, client::Listener& listener)
        : client_(loop, options, listener) {}

    void start() override { client_.start(); }
    std::string say(std::string_view room, std::string_view text, std::string_view id) override {
        return client_.say(room, text, id);
    }
    std::string tell(std::string_view nick, std::string_view text, std::string_view id) override {
        return client_.tell(nick, text, id);
    }
    Result<std::string> upload(std::string_view room, const std::filesystem::path& file,
                               std::string_view id) override {
        return client_.upload(room, file, id);
    }
    Result<std::string> uploadAs(std::string_view room, const std::filesystem::path& file,
                                 const client::UploadAs& as) override {
        return client_.upload(room, file, {}, as);
    }
    client::Transfers transfers() const override { return client_.transfers(); }
    uint64_t fileBytesMax() const override { return client_.fileBytesMax(); }
    void join(std::string_view room, std::optional<uint64_t> since) override {
        client_.join(room, since);
    }
    void leave(std::string_view room) override { client_.leave(room); }
    void nick(std::string_view name) override { client_.nick(name); }
    void who(std::string_view room) override { client_.who(room); }
    void rooms() override { client_.rooms(); }
    void history(std::string_view room, uint64_t before, uint64_t limit) override {
        client_.history(room, before, limit);
    }
    void search(std::string_view room, std::string_view words, uint64_t before,
                uint64_t limit) override {
        client_.search(room, words, before, limit);
    }
    void op(std::string_view act, std::string_view target, std::string_view reason,
            uint64_t seconds) override {
        client_.op(act, target, seconds, reason);
    }
    bool cancel(std::string_view key) override { return client_.cancel(key); }
    void get(std::string_view sha256, std::string_view name, uint64_t size) override {
        client_.get(sha256, name, size);
    }
    bool idle() const override { return client_.idle(); }
    size_t unacknowledged() const override { return client_.unacknowledged(); }
    void bye() override { client_.bye(); }
    void disconnect() override { client_.disconnect(); }
    void reconnect() override { client_.reconnect(); }
    client::Resume state() const override { return client_.state(); }
    std::string nickName() const override { return client_.nickName(); }

  private:
    client::Client client_;
};

}  // namespace

ChatFactory clientsOn(net::EventLoop& loop) {
    return [&loop](const client::Options& options, client::Listener& listener) {
        return std::make_unique<ClientChat>(loop, options, listener);
    };
}

}  // namespace netchat::bot
