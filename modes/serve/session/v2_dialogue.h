#pragma once

// v2's side of a session: a table from verb to handler, one small function each way.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "modes/serve/session/dialogue.h"
#include "protocol/field.h"
#include "protocol/frame.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::serve {

class V2Dialogue : public Dialogue {
  public:
    enum class Begin { Silent, Greeted };
    V2Dialogue(DialogueContext& context, Begin begin)
        : Dialogue(context),
          fields_(limits::kHeaderWidth),
          stage_(begin == Begin::Silent ? Stage::Silent : Stage::Greeted) {}
    ~V2Dialogue() override;

    Dialect dialect() const override { return Dialect::V2; }
    bool dialectIdle() const override {
        return stage_ == Stage::Greeted && fields_.isIdle() && offersAsked_ == 0 &&
               questions_ == 0 && downloads_.empty();
    }
    size_t heldBytes() const override { return fields_.held(); }
    void receive(std::string_view bytes) override;

    void passwordGood() override;
    void greeted(const Greeted& e) override;
    void subscribed(const Subscribed& e) override;
    void unsubscribed(const Unsubscribed& e, const std::string& room) override;
    void told(const Told& e) override;
    void renamed(const Renamed& e) override;
    void answer(const RosterReady& e) override;
    void answer(const RoomsReady& e) override;
    void answer(const HistoryReady& e) override;
    void answer(const SearchReady& e) override;
    void sendKeepalive() override;
    void notice(const std::string& text) override;
    void tooFast(const std::string& text) override;
    void operated(const Operated& e) override;
    void offerAllowed(const OfferAllowed& e) override;
    void offerKnown() override { --offersAsked_; }
    void refused(const Refused& e) override;
    void verified(const std::string& sha256, bool whole) override;
    void gap(const std::string& room, uint64_t first, uint64_t last) override;
    void fileGone(const InlineFile&) override {}
    void rejoined(const std::string& room) override;
    void farewell(const Error& why) override;
    void bye(std::string_view reason) override;
    bool nextPiece(FilePiece& piece) override;
    bool busy() const override { return !downloads_.empty(); }
    bool owesFile() const override { return !downloads_.empty(); }
    bool waits() const override {
        return offersAsked_ > 0 || asksTooMuch() || stage_ == Stage::Checking;
    }
    PartialInput partialInput() const override;

    void uploadAccepted(const Upload& upload) override;
    void uploadStored(const Upload& upload, uint64_t stored) override;
    void uploadDone(const Upload& upload, const std::string& sha256) override;
    void uploadFailed(const Upload& upload, const Error& error) override;

  private:
    enum class Stage {
        Silent,    // the greeting is due
        Checking,  // its password is being looked at
        Greeted,   // it was read; the hub's answer may still be on its way
        Parted,    // said bye
    };
    struct Download {
        std::string sha256;
        std::shared_ptr<const store::StoredFile> file;  // null: the store is reading it first
        uint64_t at, end;  // what is still to be sent of it, or (not read yet) was asked for
    };
    using Handler = Status (V2Dialogue::*)(const Frame&);
    struct VerbRule {
        std::string_view verb;
        Handler handler;
        bool question = false;  // asked with question(), so a refusal is its answer
    };

    static const VerbRule* ruleOf(std::string_view verb);
    bool asksTooMuch() const { return questions_ >= limits::kQuestionsAtOnceMax; }
    Status mayQuestion();
    template <class C>
    void question(C command);
    void questionAsked();
    void questionAnswered();
    void handle(const Frame& frame);
    Status onHello(const Frame& frame);
    Status onJoin(const Frame& frame);
    Status onLeave(const Frame& frame);
    Status onSay(const Frame& frame);
    Status onTell(const Frame& frame);
    Status onNick(const Frame& frame);
    Status onWho(const Frame& frame);
    Status onRooms(const Frame& frame);
    Status onHistory(const Frame& frame);
    Status onSearch(const Frame& frame);
    Status onOffer(const Frame& frame);
    Status onData(const Frame& frame);
    Status onGet(const Frame& frame);
    Status onVerify(const Frame& frame);
    Status onCancel(const Frame& frame);
    Status onOp(const Frame& frame);
    Status onPing(const Frame& frame);
    Status onPong(const Frame& frame);
    Status onBye(const Frame& frame);

    void beginDownload(std::string_view sha256, uint64_t at, uint64_t len);
    Status openDownload(Download& download);
    void refuseDownload(const std::string& sha256, const Error& why);
    void sayLost(const std::string& room, const Page& page);
    Status checkText(std::string_view text) const;
    size_t transfersMax() const;
    std::string_view keep(std::string_view text);
    template <class C>
    void ask(C command);
    template <class M>
    void send(const M& message);

    FieldReader fields_;
    Stage stage_;
    struct Caller {
        std::string nick, session;
        bool guest;
    };
    std::unique_ptr<Caller> caller_;      // while Checking
    size_t offersAsked_ = 0;              // that the hub has not answered
    size_t questions_ = 0;                // of those with long answers, the same
    std::deque<Download> downloads_;      // each gets one chunk in turn
    std::vector<std::string> verifying_;  // what it has asked to be read, in the order of asking
};

}  // namespace netchat::serve
