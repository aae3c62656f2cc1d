#include "modes/serve/session/classic_dialogue.h"

#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

ClassicDialogue::ClassicDialogue(DialogueContext& context, Begin begin)
    : Dialogue(context),
      format_{context.options().headerWidth, context.charset()},
      reader_(format_, context.options().fileBytesMax, begin == Begin::Named) {
}

Dialogue::PartialInput ClassicDialogue::partialInput() const {
    if (waiting_) return PartialInput::No;
    if (reader_.inFile()) return PartialInput::Upload;
    return reader_.isIdle() ? PartialInput::No : PartialInput::Frame;
}

// The bytes that are due would be taken for what they are not.
void ClassicDialogue::endUploads(int64_t, const Error& why) {
    context().fail(why);
}

void ClassicDialogue::receive(std::string_view bytes) {
    if (reader_.isIdle()) frameBegan();
    reader_.feed(bytes);
    readOn();
    reader_.release();
    context().updateReading();
}

void ClassicDialogue::readOn() {
    using Event = classic::ClientReader::Event;
    while (!waiting_ && context().listens() && !context().paused()) {
        const Event event = reader_.next();
        if (event == Event::NeedMore) return;
        frameBegan();  // the next one, if there is more
        partCame(upload_);
        switch (event) {
            case Event::NeedMore:
                break;
            case Event::Name: {
                auto& batch = context().commands();
                const AddressKey host = context().hostKey();
                batch.commands.push_back(Greet{context().id(),
                                               Dialect::Classic,
                                               batch.arena.keep(reader_.text()),
                                               {},
                                               context().address(),
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
                    context().stored(reader_.bytes().size());
                    uploads().add(*upload, reader_.bytes());
                }
                break;
            case Event::FileEnd:
                waiting_ = upload_ != 0 && uploads().find(upload_);
                break;
            case Event::Failed:
                context().fail(reader_.error());
                return;
        }
    }
}

void ClassicDialogue::say(std::string_view text) {
    const size_t most = context().options().limits.textBytesMax;
    if (text.size() > most) {
        return notice("not sent: a text can have at most " + std::to_string(most) + " bytes");
    }
    auto& batch = context().commands();
    batch.commands.push_back(Say{context().id(), kLobby, {}, batch.arena.keep(text)});
    context().expectOwnEntry();
    context().said(text.size());
}

void ClassicDialogue::beginFile() {
    Upload upload;
    upload.room = kLobby;
    upload.name = safeFileName(reader_.text());
    upload.size = reader_.fileSize();
    upload.owner = context().address();
    upload.partMs = context().nowMs();
    Status status = context().mayAsk(RateLimiter::Action::Offer);
    if (status) status = context().mayStore(upload.size);
    if (!status) return refuseFile(upload, status.error());  // its bytes are read and dropped
    upload_ = uploads().begin(std::move(upload)).number;
}

void ClassicDialogue::uploadDone(const Upload& upload, const std::string& sha256) {
    auto& batch = context().commands();
    batch.commands.push_back(DropFile{context().id(),
                                      kLobby,
                                      {},
                                      batch.arena.keep(upload.name),
                                      upload.size,
                                      batch.arena.keep(sha256)});
    context().expectOwnEntry();
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
    context().log().notice(context().label() + ": the file " + forLog(upload.name) +
                           " was refused: " + error.text);
    notice("the file " + upload.name + " was not sent: " + error.text);
    upload_ = 0;
}

void ClassicDialogue::greeted(const Greeted& e) {
    context().setNick(e.nick);
    context().log().detail(context().label() + ": connected, classic");
}

void ClassicDialogue::told(const Told& e) {
    if (e.user != context().user()) message(e.from, "(private) " + e.text, e.time);
}

void ClassicDialogue::refused(const Refused& e) {
    context().log().detail(context().label() + ": refused: " + forLog(e.error.text, 200));
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
    message("netchat", text, context().wallMs());
}

void ClassicDialogue::message(std::string_view from, std::string_view text, int64_t time) {
    (void)classic::appendMessage(context().outbox(), format_, from, text, time);
    context().wantFlush();
}

}  // namespace netchat::serve
