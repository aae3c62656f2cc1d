#pragma once

// What makes a Client go.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/dialect_stack.h"
#include "modes/client/fetch_budget.h"
#include "modes/client/host.h"
#include "modes/client/nick_set.h"
#include "modes/client/options.h"
#include "modes/client/stored_event.h"
#include "modes/client/transfer.h"

namespace netchat::client {

// The driver: it moves bytes between the session and a connection, and decides when. Everything
// that a verb brings about and the listener must hear is told from the loop's next turn.
class Driver final : private Link::Handler, public SessionSink {
  public:
    Driver(Host& host, Options options, Listener& listener);

    ~Driver();

    // Runs one verb: what it makes the session tell is kept for the next turn.
    template <class Verb>
    auto verb(Verb run) {
        struct Depth {
            int& depth;
            explicit Depth(int& d) : depth(d) { ++depth; }
            ~Depth() { --depth; }
        } depth(verbDepth_);
        schedule();
        return run();
    }

    void start();
    Result<std::string> upload(std::string_view room, const std::filesystem::path& file,
                               std::string_view former, const UploadAs& as);
    void get(const Arriving& file);
    bool cancel(std::string_view key);
    Transfers transfers() const;
    void ignore(std::string_view nick, bool ignored);
    bool ignores(std::string_view nick) const { return ignored_.find(nick) != ignored_.end(); }
    const NickSet& ignored() const { return ignored_; }
    void bye();
    void disconnect();
    void reconnect();
    void retry();
    Resume state() const;
    std::string nextId() { return std::to_string(++lastId_); }
    int64_t nowMs() const { return host_.nowMs(); }

    bool idle() const;
    size_t unacknowledged() const { return session_.unacknowledged() + uploads_.pending(); }
    Session& session() { return session_; }
    const Session& session() const { return session_; }
    const Options& options() const { return options_; }
    std::string checkInvariants() const;

  private:
    enum class Phase {
        Idle,        // no connection
        Away,        // it was lost, and is to be made again in a while
        Wanted,      // to be made in the next turn
        Connecting,  // on its way
        Up,          // it stands
        Ending,      // our direction is over, the server's end is due
    };

    // ---- Link::Handler
    void onConnected() override;
    void onUnreachable(const Error& why) override;
    // It has been there before, for this client or for one that this one goes on for.
    bool knowsServer() const { return everConnected_ || options_.resume.has_value(); }
    void onBytes(std::string_view bytes) override;
    void onWritable() override;
    void onEnd(std::string_view reason) override { session_.connectionEnded(reason); }

    // ---- SessionSink
    void onEvent(const Event& event) override;
    void onForgotten() override { v2_->uploads.forgotten(); }
    void onOpen() override;
    void onRoomReady(std::string_view room) override { v2_->uploads.roomReady(room); }
    void onAccepted(std::string_view id, uint64_t transfer, uint64_t at) override {
        v2_->uploads.accepted(id, transfer, at);
        schedule();  // one that was given up makes room for the next
    }
    void onStored(uint64_t transfer, uint64_t off) override { v2_->uploads.stored(transfer, off); }
    bool uploading(std::string_view room) const override {
        return v2_ && v2_->uploads.offeredAgainIn(room);
    }
    bool awaitsEntry(std::string_view room) const override {
        return v2_ && v2_->uploads.isSentIn(room);
    }
    void onUploaded(std::string_view id) override {
        v2_->uploads.uploaded(id);
        schedule();
    }
    bool onUploadRefused(const event::Refused& refused, uint64_t transfer) override {
        schedule();
        return v2_->uploads.refused(refused, transfer);
    }
    void onOffersTooFast() override;
    void onAnnouncing(event::File& file) override;
    void onAnnounced(const event::File& file) override {
        if (file.fetching) v2_->downloads.want(file);
    }
    void onChunk(std::string_view sha256, uint64_t off, std::string_view bytes) override {
        v2_->downloads.chunk(sha256, off, bytes);
    }
    void onVerified(std::string_view sha256) override { v2_->downloads.verified(sha256); }
    bool onDownloadRefused(const event::Refused& refused) override {
        return v2_->downloads.refused(refused);
    }
    void onFileBegin(std::string_view from, std::string_view name, uint64_t size) override {
        // Without a beginning its bytes are read past, and nothing is told.
        if (!ignores(from)) classic_->downloads.begin(from, name, size);
    }
    void onFileBytes(std::string_view bytes) override { classic_->downloads.bytes(bytes); }
    void onFileEnd(int64_t time) override { classic_->downloads.end(time); }

    void takeUpFiles();
    void schedule();
    void turn();
    void tellDeferred();
    void connect();
    void makeConnection();
    void connected();
    std::optional<event::Reconnecting> mended(const event::Disconnected& ended);
    void heard();
    void checkLife(int64_t ms);
    void looked();
    void closeConnection();
    void flush();
    bool writeOutput();
    void endIfDone();
    void limit(int64_t ms, std::string code, std::string text);

    Host& host_;
    const Options options_;
    Listener& listener_;
    std::unique_ptr<V2Side> v2_;  // one of these two
    std::unique_ptr<ClassicSide> classic_;
    Session& session_;
    Outgoing& uploads_;

    Phase phase_ = Phase::Idle;
    std::unique_ptr<Link> link_;
    Host::TimerId limit_ = 0;   // of the greeting, or of the end
    Host::TimerId retry_ = 0;   // while Away
    Host::TimerId life_ = 0;    // while it stands: when to look whether the server is alive
    Host::TimerId offers_ = 0;  // when what was offered too fast is offered again
    int64_t heardMs_ = 0;       // when the server gave a sign of life
    bool probed_ = false;       // one was asked for since
    FetchBudget budget_;
    Reconnect reconnect_;
    bool everConnected_ = false;
    bool byeAsked_ = false;  // a bye that waits for what was said before
    NickSet ignored_;

    std::vector<KnownFile> earlierFiles_;  // until the first connection

    uint64_t lastId_ = 0;
    int verbDepth_ = 0;
    bool scheduled_ = false;
    std::vector<StoredEvent> deferred_;
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // posted tasks hold it weakly
};

}  // namespace netchat::client
