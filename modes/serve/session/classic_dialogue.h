#pragma once

// The classic dialect's side of a session. Errors and private messages reach a classic user as
// messages: the dialect has nothing else to say them with.

#include "modes/serve/session/dialogue.h"
#include "protocol/classic.h"

namespace netchat::serve {

class ClassicDialogue : public Dialogue {
  public:
    enum class Begin { Nameless, Named };
    ClassicDialogue(DialogueContext& context, Begin begin);

    Dialect dialect() const override { return Dialect::Classic; }
    bool dialectIdle() const override { return reader_.isIdle() && !waiting_ && upload_ == 0; }
    size_t heldBytes() const override { return reader_.held(); }
    void receive(std::string_view bytes) override;

    void greeted(const Greeted& e) override;
    void subscribed(const Subscribed&) override {}
    void unsubscribed(const Unsubscribed&, const std::string&) override {}
    void told(const Told& e) override;
    void renamed(const Renamed&) override {}
    void notice(const std::string& text) override;
    void operated(const Operated&) override {}
    void offerAllowed(const OfferAllowed&) override {}
    void refused(const Refused& e) override;
    void gap(const std::string& room, uint64_t first, uint64_t last) override;
    void fileGone(const InlineFile& file) override;
    void rejoined(const std::string&) override {}
    void farewell(const Error& why) override;
    void bye(std::string_view) override {}
    bool nextPiece(FilePiece&) override { return false; }
    bool busy() const override { return reader_.inFile(); }
    bool waits() const override { return waiting_; }
    PartialInput partialInput() const override;
    void endUploads(int64_t partMs, const Error& why) override;

    void uploadAccepted(const Upload&) override {}
    void uploadDone(const Upload& upload, const std::string& sha256) override;
    void uploadFailed(const Upload& upload, const Error& error) override;

  private:
    void readOn();
    void say(std::string_view text);
    void beginFile();
    void refuseFile(const Upload& upload, const Error& error);
    void message(std::string_view from, std::string_view text, int64_t time);

    classic::Format format_;
    classic::ClientReader reader_;
    bool waiting_ = false;  // for the store: what follows a file comes after it
    uint64_t upload_ = 0;   // the number of the one that is being received; 0: none
};

}  // namespace netchat::serve
