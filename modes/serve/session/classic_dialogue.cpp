#include "modes/serve/session/classic_dialogue.h"

#include "modes/serve/host/shard.h"
#include "modes/serve/limits/network.h"
#include "modes/serve/session/session.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

ClassicDialogue::ClassicDialogue(Session& session, Begin begin)
    : Dialogue(session),
      format_{session.shard().options().headerWidth, session.shard().charset()},
      reader_(format_, session.shard().options().fileBytesMax, begin == Begin::Named) {
}

Dialogue::PartialInput ClassicDialogue::partialInput() const {
    if (waiting_) return PartialInput::No;
    if (reader_.inFile()) return PartialInput::Upload;
    return reader_.isIdle() ? PartialInput::No : PartialInput::Frame;
}

// The bytes that are due would be taken for what they are not.
void ClassicDialogue::endUploads(int64_t, const Error& why) {
    session().fail(why);
}

void ClassicDialogue::receive(std::string_view bytes) {
    if (reader_.isIdle()) frameBegan();
    reader_.feed(bytes);
    readOn();
    reader_.release();
    session().updateReading();
}

void ClassicDialogue::readOn() {
    using Event = classic::ClientReader::Event;
    while (!waiting_ && session().listens() && !session().paused()) {
        const Event event = reader_.next();
        if (event == Event::NeedMore) return;
        frameBegan();  // the next one, if there is more
        partCame(upload_);
        switch (event) {
            case Event::NeedMore:
                break;
            case Event::Name: {
                auto& batch = session().shard().commands();
                const AddressKey host = hostKeyOf(session().transport().peer());
                batch.commands.push_back(Greet{session().id(),
                                               Dialect::Classic,
                                               batch.arena.keep(reader_.text()),
                                               {},
                                               session().address(),
                                               host});
                break;
            }
            case Event::Text:
                say(reader_.text());
                break;
            case Event::BadText:
                notice("not sent: " + reader_.error().text);
                break;
            case Event::FileBegin:
                beginFile();
                break;
            case Event::FileBytes:
                if (Upload* upload = upload_ ? uploads().find(upload_) : nullptr) {
                    session().stored(reader_.bytes().size());
                    uploads().add(*upload, reader_.bytes());
                }
                break;
            case Event::FileEnd:
                waiting_ = upload_ != 0 && uploads().find(upload_);
                break;
            case Event::Failed:
                session().fail(reader_.error());
                return;
        }
    }
}

void ClassicDialogue::say(std::string_view text) {
    const size_t most = session().shard().options().limits.textBytesMax;
    if (text.size() > most) {
        return notice("not sent: a text can have at most " + std::to_string(most) + " bytes");
    }
    auto& batch = session().shard().commands();
    batch.commands.push_back(Say{session().id(), kLobby, {}, batch.arena.keep(text)});
    session().expectOwnEntry();
    session().said(text.size());
}

void ClassicDialogue::beginFile() {
    Upload upload;
    upload.room = kLobby;
    upload.name = safeFileName(reader_.text());
    upload.size = reader_.fileSize();
    upload.owner = session().address();
    upload.partMs = session().shard().nowMs();
    Status status = session().mayAsk(RateLimiter::AdminAction::Offer);
    if (status) status = session().mayStore(upload.size);
    if (!status) return refuseFile(upload, status.error());  // its bytes are read and dropped
    upload_ = uploads().begin(std::move(upload)).number;
}

void ClassicDialogue::uploadDone(const Upload& upload, const std::string& sha256) {
    auto& batch = session().shard().commands();
    batch.commands.push_back(DropFile{session().id(),
                                      kLobby,
                                      {},
                                      batch.arena.keep(upload.name),
                                      upload.size,
                                      batch.arena.keep(sha256)});
    session().expectOwnEntry();
    upload_ = 0;
    waiting_ = false;
    receive({});
}

void ClassicDialogue::uploadFailed(const Upload& upload, const Error& error) {
    refuseFile(upload, error);
    waiting_ = false;
    receive({});
}

void ClassicDialogue::refuseFile(const Upload& upload, const Error& error) {
    session().shard().log().notice(session().label() + ": the file " + forLog(upload.name) +
                                   " was refused: " + error.text);
    notice("the file " + upload.name + " was not sent: " + error.text);
    upload_ = 0;
}

void ClassicDialogue::greeted(const Greeted& e) {
    session().setNick(e.nick);
    session().shard().log().detail(session().label() + ": connected, classic");
}

void ClassicDialogue::told(const Told& e) {
    if (e.user != session().user()) message(e.from, "(private) " + e.text, e.time);
}

void ClassicDialogue::refused(const Refused& e) {
    session().shard().log().detail(session().label() + ": refused: " + forLog(e.error.text, 200));
    notice(e.error.text);
}

void ClassicDialogue::gap(const std::string&, uint64_t first, uint64_t last) {
    notice(std::to_string(last - first + 1) + " messages are no longer available");
}

void ClassicDialogue::fileGone(const InlineFile& file) {
    notice("the file " + file.name + " from " + file.from + " is no longer available");
}

void ClassicDialogue::farewell(const Error& why) {
    notice(why.text);
}

void ClassicDialogue::notice(const std::string& text) {
    message("netchat", text, session().shard().wallMs());
}

void ClassicDialogue::message(std::string_view from, std::string_view text, int64_t time) {
    (void)classic::appendMessage(session().outbox(), format_, from, text, time);
    session().shard().wantFlush(session());
}

}  // namespace netchat::serve
