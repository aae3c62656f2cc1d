#pragma once

// What a session says and understands: one class per dialect. It turns bytes into commands for
// the hub and the hub's answers into bytes of its dialect; the cursor, the connection and their
// bounds are the session's. A further dialect is a further Dialogue and Encoder.

#include <memory>
#include <string>
#include <string_view>

#include "modes/serve/hub/effects.h"
#include "modes/serve/session/dialogue_context.h"
#include "modes/serve/session/file_piece.h"
#include "modes/serve/session/uploads.h"
#include "modes/store/file_store.h"

namespace netchat::serve {

// The session's loop only. Pure. One at rest is like any other at rest: its context
// may be another session's next, so that those that say nothing need none.
class Dialogue : public UploadOwner {
  public:
    explicit Dialogue(DialogueContext& context) : context_(context) {}
    virtual ~Dialogue() = default;
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    virtual Dialect dialect() const = 0;
    // The user is known, and nothing has begun in either direction that is not at its end. (Who has
    // uploaded is never at rest again: the store's late answers are for its uploads' numbers.)
    bool isIdle() const { return !uploads_ && dialectIdle(); }

    // Bytes of a frame that the peer has begun and not finished.
    virtual size_t heldBytes() const = 0;

    Uploads* uploadsIfAny() const { return uploads_.get(); }
    void dropUploads() { uploads_.reset(); }

    virtual void receive(std::string_view bytes) = 0;

    // What the peer has begun and not finished.
    enum class PartialInput { No, Frame, Upload };
    virtual PartialInput partialInput() const = 0;
    // Since when; each part of a file begins it anew, for this file.
    int64_t partialSinceMs() const;
    // It could do no more until now.
    void excuse(int64_t nowMs);
    // Those that bytes are due for since `partMs` or longer.
    virtual void endUploads(int64_t partMs, const Error& why);

    // What it has asked to be checked.
    virtual void passwordGood() {}
    virtual void greeted(const Greeted& e) = 0;
    virtual void subscribed(const Subscribed& e) = 0;
    virtual void unsubscribed(const Unsubscribed& e, const std::string& room) = 0;
    virtual void told(const Told& e) = 0;
    virtual void renamed(const Renamed& e) = 0;
    // To a question. A dialect that has no such question gets no such answer.
    virtual void answer(const RosterReady& /*e*/) {}
    virtual void answer(const RoomsReady& /*e*/) {}
    virtual void answer(const HistoryReady& /*e*/) {}
    virtual void answer(const SearchReady& /*e*/) {}
    // It is read more slowly from now on.
    virtual void tooFast(const std::string& text) { notice(text); }
    // The peer has said nothing for a while: asks for a sign of life, where the dialect can.
    virtual void sendKeepalive() {}
    // From whoever runs the server.
    virtual void notice(const std::string& text) = 0;
    virtual void operated(const Operated& e) = 0;
    virtual void offerAllowed(const OfferAllowed& e) = 0;
    // What was offered is in the log, or may be: there is nothing to upload.
    virtual void offerKnown() {}
    virtual void refused(const Refused& e) = 0;
    // What it has asked to be read again.
    virtual void verified(const std::string& /*sha256*/, bool /*whole*/) {}
    virtual void gap(const std::string& room, uint64_t first, uint64_t last) = 0;
    virtual void fileGone(const InlineFile& file) = 0;
    // The session is in the tail, and may have missed who came and went before.
    virtual void rejoined(const std::string& room) = 0;

    // Says why the session is about to end, as far as the dialect can.
    virtual void farewell(const Error& why) = 0;
    virtual void bye(std::string_view reason) = 0;

    // The next part of a file that was asked for; false when there is none. Called when there is
    // nothing else to send: chat is never behind a file.
    virtual bool nextPiece(FilePiece& piece) = 0;
    // Something is on its way to or from this user besides messages.
    virtual bool busy() const = 0;
    // A file that was asked for is not sent to its end.
    virtual bool owesFile() const { return false; }
    // An answer is due before the session may read on or leave: what it says now depends on it.
    virtual bool waits() const = 0;

  protected:
    DialogueContext& context() const { return context_; }
    Uploads& uploads();
    virtual bool dialectIdle() const = 0;
    bool receivesUpload() const;
    void frameBegan();
    // Of the transfer with this number; 0: of what is passed over.
    void partCame(uint64_t number);

  private:
    DialogueContext& context_;
    int64_t frameMs_ = 0, partMs_ = 0;  // when the one that is half began
    std::unique_ptr<Uploads> uploads_;
};

}  // namespace netchat::serve
