#pragma once

// The client's side of the classic dialect: a name, then a field per message, and files in between,
// each as a name and its bytes. There is no answer to anything: what the kernel has taken counts as
// said. A file's bytes must follow each other, so what is said meanwhile waits behind them.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "modes/client/out_buffer.h"
#include "modes/client/session.h"
#include "protocol/charset.h"
#include "protocol/classic.h"

namespace netchat::client {

// Pure; one thread at a time.
class ClassicSession : public Session {
  public:
    ClassicSession(std::string nick, std::unique_ptr<Charset> charset, size_t headerWidth,
                   SessionSink& sink);

    void connectionMade() override;
    void connectionEnded(std::string_view reason) override;
    void cut(std::string_view code, std::string_view text) override;
    void receive(std::string_view bytes, int64_t nowMs) override;
    std::string_view output() const override { return out_.unsent(); }
    void written(size_t size) override;
    bool endsAfterOutput() const override;

    void say(std::string_view id, std::string_view room, std::string_view text) override;
    void tell(std::string_view id, std::string_view nick, std::string_view text) override;
    void join(std::string_view room, std::optional<uint64_t> since) override;
    void leave(std::string_view room) override;
    void nick(std::string_view name) override;
    void ping(int64_t nowMs) override;
    void bye() override { byeWanted_ = true; }
    // A download by hash, which this dialect has not.
    void get(std::string_view sha256);

    bool connected() const override { return state_ == State::Open; }
    bool leaving() const override { return byeWanted_; }
    bool idle() const override { return queue_.empty() && marks_.empty() && out_.empty(); }
    size_t unacknowledged() const override { return queue_.size() + marks_.size(); }
    const std::string& nickName() const override { return nick_; }
    uint64_t fileBytesMax() const override;

    // ---- a file on its way out: upload() queues it, then, once it is due, its bytes are given in
    //      order. sent() is told by Uploaded when the kernel has all of them.
    void upload(std::string_view id, std::string_view room, std::string_view name, uint64_t size);
    // The id of the file whose bytes are due now; empty when there is none.
    std::string_view dueFile() const;
    // At most what is still missing.
    void fileBytes(std::string_view bytes);
    // After the last byte: what it was.
    void fileEnd(std::string_view sha256);
    // Takes a file back whose name was not put out; false: it was, or there is none.
    bool withdraw(std::string_view id);

    struct FileOut {
        std::string_view id, name;
        uint64_t size, done;
        bool begun;
    };
    // Calls visit(const FileOut&) for each that the kernel has not taken whole, in order.
    template <class Visit>
    void eachFile(Visit visit) const {
        for (const Mark& mark : marks_) {
            if (!mark.name.empty()) visit(FileOut{mark.id, mark.name, mark.size, mark.size, true});
        }
        if (current_) visit(fileOut(*current_, currentLeft_, true));
        for (const Item& item : queue_) {
            if (item.file) visit(fileOut(item, item.size, false));
        }
    }

  private:
    enum class State {
        Idle,      // no connection
        Greeting,  // the name is being written
        Open,
    };
    struct Item {  // waits for a connection, or behind a file
        std::string id;
        std::string text;  // a message, or a file's name
        bool file = false;
        uint64_t size = 0;  // of a file
    };
    struct Mark {  // was put out; said once the kernel has taken so many bytes
        std::string id;
        uint64_t end;
        // of a file
        std::string name, sha256;
        uint64_t size = 0;
    };

    static FileOut fileOut(const Item& item, uint64_t left, bool begun) {
        return {item.id, item.text, item.size, item.size - left, begun};
    }
    void advance();
    bool putOut(const Item& item);
    void passMarks();
    void takeEvent(classic::ServerReader::Event event);
    bool isLobby(std::string_view room, std::string_view re, std::string_view id);
    void refuse(ErrorCode code, const std::string& text, std::string_view re,
                std::string_view id = {}, std::string_view room = {}, std::string_view name = {});
    void refuseVerb(std::string_view verb);
    void question(std::string_view verb, std::string_view, std::string_view, std::string) override {
        refuseVerb(verb);
    }
    void disconnected(std::string_view code, std::string_view text);

    SessionSink& sink_;
    std::string nick_;
    std::unique_ptr<Charset> charset_;
    classic::Format format_;
    std::optional<classic::ServerReader> reader_;  // of this connection
    State state_ = State::Idle;
    bool byeWanted_ = false;
    uint64_t greetingBytes_ = 0;  // of this connection's name field
    bool lobbyWanted_ = false;    // joined before the greeting: told with it

    OutBuffer out_;
    std::deque<Item> queue_;       // in the order of saying
    std::optional<Item> current_;  // the file whose bytes are due
    uint64_t currentLeft_ = 0;
    std::deque<Mark> marks_;
};

}  // namespace netchat::client
