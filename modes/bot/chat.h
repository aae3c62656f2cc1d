#pragma once

// A Client as the bot uses it, so that tests can put another one in its place.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "modes/client/client.h"

namespace netchat::bot {

// Each method does what client::Client's of the same name does. Loop thread only.
class Chat {
  public:
    virtual ~Chat() = default;
    virtual void start() = 0;
    virtual std::string say(std::string_view room, std::string_view text,
                            std::string_view id = {}) = 0;
    virtual std::string tell(std::string_view nick, std::string_view text,
                             std::string_view id = {}) = 0;
    virtual Result<std::string> upload(std::string_view room, const std::filesystem::path& file,
                                       std::string_view id = {}) = 0;
    virtual Result<std::string> uploadAs(std::string_view room, const std::filesystem::path& file,
                                         const client::UploadAs& /*as*/) {
        return upload(room, file);
    }
    virtual client::Transfers transfers() const { return {}; }
    virtual uint64_t fileBytesMax() const { return 0; }
    virtual void join(std::string_view room, std::optional<uint64_t> since) = 0;
    virtual void leave(std::string_view room) = 0;
    virtual void nick(std::string_view name) = 0;
    virtual void who(std::string_view room) = 0;
    virtual void rooms() = 0;
    virtual void history(std::string_view room, uint64_t before, uint64_t limit) = 0;
    virtual void search(std::string_view room, std::string_view words, uint64_t before,
                        uint64_t limit) = 0;
    virtual void op(std::string_view act, std::string_view target, std::string_view reason,
                    uint64_t seconds = 0) = 0;
    virtual bool cancel(std::string_view key) = 0;
    virtual void get(std::string_view sha256, std::string_view name, uint64_t size) = 0;
    virtual bool idle() const = 0;
    virtual size_t unacknowledged() const = 0;
    virtual void bye() = 0;
    virtual void disconnect() = 0;
    virtual void reconnect() = 0;
    virtual std::string nickName() const = 0;
    virtual client::Resume state() const = 0;
};

using ChatFactory = std::function<std::unique_ptr<Chat>(const client::Options& options,
                                                        client::Listener& listener)>;

// Real ones, on this loop, which must outlive them.
ChatFactory clientsOn(net::EventLoop& loop);

}  // namespace netchat::bot
