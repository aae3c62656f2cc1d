#pragma once

// Files of the classic dialect. Outwards, each is read and streamed when the session says that its
// bytes are due. Inwards, they come unasked, one at a time, with their bytes between their name and
// their time: what is too large is read past.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "modes/client/classic_session.h"
#include "modes/client/fetch_budget.h"
#include "modes/client/host.h"
#include "modes/client/outgoing.h"
#include "modes/client/progress.h"
#include "modes/client/sha256.h"
#include "modes/client/transfer.h"

namespace netchat::client {

// Loop thread only.
class ClassicUploads : public Outgoing {
  public:
    ClassicUploads(ClassicSession& session, SessionSink& sink) : session_(session), sink_(sink) {}

    void add(std::string id, std::string_view room, std::string name, std::unique_ptr<Source> file,
             std::string folder = {}) override;
    bool produce() override;
    size_t pending() const override { return 0; }  // the session counts them
    // The one that had begun is gone, and refused by the session; the others wait.
    void connectionEnded() override;
    void list(Transfers& out) const override;
    // Only what has not begun: the stream would break.
    bool cancel(std::string_view id) override;

  private:
    struct Upload {
        std::string id, name;
        std::unique_ptr<Source> file;
        Progress progress;
        uint64_t done = 0;
    };

    void giveUp(const Error& error);

    ClassicSession& session_;
    SessionSink& sink_;
    std::deque<Upload> list_;
    Sha256 hash_;
    std::string buffer_;
};

class ClassicDownloads {
  public:
    // `sink` is told File, then FileReceived or FileFailed, and Progress before them.
    // Without `receives` all are read past, and told as a File that is not fetched.
    ClassicDownloads(SessionSink& sink, Host& host, uint64_t fileBytesMax,
                     uint64_t totalBytesMax = UINT64_MAX, bool receives = true)
        : sink_(sink),
          host_(host),
          fileBytesMax_(fileBytesMax),
          budget_(fileBytesMax, totalBytesMax),
          receives_(receives) {}

    void begin(std::string_view from, std::string_view name, uint64_t size);
    void bytes(std::string_view bytes);
    void end(int64_t time);
    void connectionEnded();

    size_t pending() const { return isUnderWay() ? 1 : 0; }
    void list(Transfers& out) const;
    // Reads the rest past; File and FileFailed (kCancelled) tell of it at once, and nothing at its
    // end. False: no file of this name is coming.
    bool cancel(std::string_view name);

  private:
    struct Coming {
        std::string from, name;
        uint64_t size;
        Progress progress;
        std::unique_ptr<Incoming> file;   // null: it is read past
        std::optional<Error> error = {};  // why
        uint64_t came = 0;
        bool over = false;  // all was told of it
    };

    bool isUnderWay() const { return current_ && !current_->over; }
    void open(Coming& incoming);
    event::File fileOf(const Coming& incoming) const;
    static Coming textsOf(const Coming& incoming);
    void tellFailed(const Coming& incoming, std::string_view code, std::string_view text);

    SessionSink& sink_;
    Host& host_;
    uint64_t fileBytesMax_;
    FetchBudget budget_;
    const bool receives_;
    std::optional<Coming> current_;
};

}  // namespace netchat::client
