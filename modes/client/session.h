#pragma once

// One user's side of a dialect, without sockets, clocks, threads or files: bytes and verbs in,
// bytes and events out. It outlives its connections, as the user does.
//
//     verbs, receive(bytes) --> Session --> output()      bytes for the server
//                                       --> SessionSink   events, and what concerns files
//
// One thread at a time. The sink may call verbs, but not receive() or the connection's methods.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modes/client/event.h"

namespace netchat::client {

// Told what a session learns. Views are valid during the call.
class SessionSink {
  public:
    // After Disconnected nothing more happens until connectionMade().
    virtual void onEvent(const Event& event) = 0;

    // The server has forgotten this user: of uploads that were complete nobody knows.
    virtual void onForgotten() {}
    // The greeting was accepted: transfers can go on.
    virtual void onOpen() {}
    // Files can be offered in this room (again).
    virtual void onRoomReady(std::string_view /*room*/) {}
    virtual void onAccepted(std::string_view /*id*/, uint64_t /*transfer*/, uint64_t /*at*/) {}
    // The server has the first `off` bytes of an upload.
    virtual void onStored(uint64_t /*transfer*/, uint64_t /*off*/) {}
    // Whether the room may have an upload already that is offered there again.
    virtual bool uploading(std::string_view /*room*/) const { return false; }
    // Whether the entry of an upload is due in this room's log.
    virtual bool awaitsEntry(std::string_view /*room*/) const { return false; }
    // One's own upload is in its room's log.
    virtual void onUploaded(std::string_view /*id*/) {}
    // The server refused an upload, named by its id or its transfer; false: there is none.
    virtual bool onUploadRefused(const event::Refused& /*refused*/, uint64_t /*transfer*/) {
        return false;
    }
    // Before the event of such an announcement: whether it is fetched, which the event then tells.
    virtual void onAnnouncing(event::File& /*file*/) {}
    // The server takes no more offers for now: what it refused for that waits.
    virtual void onOffersTooFast() {}
    // Somebody else's file, not out of a page of history; after its event.
    virtual void onAnnounced(const event::File& /*file*/) {}
    virtual void onChunk(std::string_view /*sha256*/, uint64_t /*off*/,
                         std::string_view /*bytes*/) {}
    // False: no such download.
    virtual bool onDownloadRefused(const event::Refused& /*refused*/) { return false; }
    // The server has read it again, and it is whole there.
    virtual void onVerified(std::string_view /*sha256*/) {}

    // Classic: a file comes unasked.
    virtual void onFileBegin(std::string_view /*from*/, std::string_view /*name*/,
                             uint64_t /*size*/) {}
    virtual void onFileBytes(std::string_view /*bytes*/) {}
    virtual void onFileEnd(int64_t /*time*/) {}

  protected:
    ~SessionSink() = default;
};

class Session {
  public:
    virtual ~Session() = default;

    // ---- the connection

    virtual void connectionMade() = 0;
    // The server ended it (reason empty), or it failed.
    virtual void connectionEnded(std::string_view reason) = 0;
    // This side ends it at once: Disconnected with this code and text.
    virtual void cut(std::string_view code, std::string_view text) = 0;
    virtual void receive(std::string_view bytes, int64_t nowMs) = 0;
    // What is to be sent; written() says how much of it the kernel took.
    virtual std::string_view output() const = 0;
    virtual void written(size_t size) = 0;
    // Our direction of the stream ends once all output is written.
    virtual bool endsAfterOutput() const { return false; }

    // ---- verbs: allowed at any time; without a connection they wait for the next

    // Each has one answer; those of one kind (joins and leaves of a room, what is asked of a room)
    // in the order of asking. nick() is answered by its name, say() and tell() by their ids.
    virtual void say(std::string_view id, std::string_view room, std::string_view text) = 0;
    virtual void tell(std::string_view id, std::string_view nick, std::string_view text) = 0;
    virtual void join(std::string_view room, std::optional<uint64_t> since) = 0;
    virtual void leave(std::string_view room) = 0;
    virtual void nick(std::string_view name) = 0;
    virtual void ping(int64_t nowMs) = 0;
    // These only ask: question() is what a dialect has to do for them.
    void who(std::string_view room);
    void rooms();
    void history(std::string_view room, uint64_t before, uint64_t limit);
    void search(std::string_view room, std::string_view words, uint64_t before, uint64_t limit);
    void op(std::string_view act, std::string_view target, uint64_t seconds,
            std::string_view reason);
    // Makes the server give a sign of life, where the dialect can.
    virtual bool probe() { return false; }
    virtual void bye() = 0;

    // ---- state

    // The greeting was accepted and the connection stands.
    virtual bool connected() const = 0;
    // A bye was asked for or is under way.
    virtual bool leaving() const = 0;
    // Neither messages nor joins wait for an answer, and all output was written.
    virtual bool idle() const = 0;
    virtual size_t unacknowledged() const = 0;
    virtual const std::string& nickName() const = 0;
    // The largest file that the server takes; 0 where unknown.
    virtual uint64_t fileBytesMax() const { return 0; }
    // What is not as it should be between two calls; empty: nothing.
    virtual std::string checkInvariants() const { return {}; }

  protected:
    // Sends a question of v2, its `frame`, in its turn; tells Refused if the dialect has no such
    // verb. `about`: what the answer names, such as a room; `words`: of a search.
    virtual void question(std::string_view verb, std::string_view about, std::string_view words,
                          std::string frame) = 0;
};

}  // namespace netchat::client
