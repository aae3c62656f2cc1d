#include "modes/serve/session/v2_dialogue.h"

#include <algorithm>
#include <utility>

#include "protocol/file_labels.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::serve {

namespace {

// While files are sent, so little may wait in the kernel that chat overtakes the rest.
constexpr size_t kUnsentBytes = 128 * limits::kKiB;

constexpr char kNoSuchFile[] =
    "the server does not have this file, or no longer has it; somebody must upload it again";
constexpr char kTooManyUploads[] = "too many uploads at once; wait for one to finish";

std::string_view dialectName(Dialect dialect) {
    return dialect == Dialect::V2 ? "v2" : "classic";
}

std::string lines(const std::vector<MemberInfo>& roster) {
    std::string out;
    for (const MemberInfo& m : roster) {
        v2::encodeLine(out, v2::Member{m.nick, m.user, dialectName(m.dialect), m.cloak});
    }
    return out;
}

}  // namespace

template <class C>
void V2Dialogue::ask(C command) {
    context().ask(std::move(command));
}

V2Dialogue::~V2Dialogue() {
    if (questions_ == 0) return;
    if (AddressBudget* const budget = context().budget()) budget->answered(questions_);
}

Status V2Dialogue::mayQuestion() {
    AddressBudget* const budget = context().budget();
    if (auto status = context().mayAsk(RateLimiter::Action::Request); !status || !budget)
        return status;
    return budget->mayAsk();
}

template <class C>
void V2Dialogue::question(C command) {
    ask(std::move(command));
    questionAsked();
}

void V2Dialogue::questionAsked() {
    ++questions_;
    if (AddressBudget* const budget = context().budget()) budget->asked();
}

std::string_view V2Dialogue::keep(std::string_view text) {
    return context().keep(text);
}

template <class M>
void V2Dialogue::send(const M& message) {
    v2::encode(context().outbox(), message);
    context().wantFlush();
}

// ---- what arrives

void V2Dialogue::tooFast(const std::string& text) {
    send(v2::Failure{.code = errorName(ErrorCode::TooFast), .text = text});
}

void V2Dialogue::sendKeepalive() {
    send(v2::Ping{});
}

Dialogue::PartialInput V2Dialogue::partialInput() const {
    if (fields_.held() > 0) return PartialInput::Frame;
    return receivesUpload() ? PartialInput::Upload : PartialInput::No;
}

void V2Dialogue::receive(std::string_view bytes) {
    if (fields_.isIdle()) frameBegan();
    fields_.feed(bytes);
    std::string_view payload;
    while (context().listens() && stage_ != Stage::Parted && !asksTooMuch() &&
           stage_ != Stage::Checking && !context().paused()) {
        const size_t most =
            stage_ == Stage::Silent ? limits::kHelloBytesMax : limits::kFrameBytesMax;
        const auto got = fields_.takeField(most, payload);
        if (got == FieldReader::State::NeedMore) break;
        if (got == FieldReader::State::Failed) {
            context().fail(fields_.error());
            break;
        }
        frameBegan();  // the next one, if there is more
        const auto frame = parseFrame(payload);
        if (frame) {
            handle(*frame);
        } else if (stage_ == Stage::Silent) {
            context().fail(frame.error());
        } else {
            send(v2::Failure{.code = errorName(frame.error().code), .text = frame.error().text});
        }
    }
    fields_.release();
    context().updateReading();
}

const V2Dialogue::VerbRule* V2Dialogue::ruleOf(std::string_view verb) {
    // The most frequent first.
    static constexpr VerbRule kRules[] = {
        {v2::Say::kVerb, &V2Dialogue::onSay},
        {v2::Data::kVerb, &V2Dialogue::onData},
        {v2::Hello::kVerb, &V2Dialogue::onHello},
        {v2::Join::kVerb, &V2Dialogue::onJoin},
        {v2::Leave::kVerb, &V2Dialogue::onLeave},
        {v2::Tell::kVerb, &V2Dialogue::onTell},
        {v2::Nick::kVerb, &V2Dialogue::onNick},
        {v2::Who::kVerb, &V2Dialogue::onWho, true},
        {v2::Rooms::kVerb, &V2Dialogue::onRooms, true},
        {v2::History::kVerb, &V2Dialogue::onHistory, true},
        {v2::Search::kVerb, &V2Dialogue::onSearch, true},
        {v2::Offer::kVerb, &V2Dialogue::onOffer},
        {v2::Op::kVerb, &V2Dialogue::onOp},
        {v2::Get::kVerb, &V2Dialogue::onGet},
        {v2::Verify::kVerb, &V2Dialogue::onVerify},
        {v2::Cancel::kVerb, &V2Dialogue::onCancel},
        {v2::Ping::kVerb, &V2Dialogue::onPing},
        {v2::Pong::kVerb, &V2Dialogue::onPong},
        {v2::Bye::kVerb, &V2Dialogue::onBye},
    };
    for (const VerbRule& rule : kRules) {
        if (rule.verb == verb) return &rule;
    }
    return nullptr;
}

void V2Dialogue::handle(const Frame& frame) {
    const VerbRule* const rule = ruleOf(frame.verb);
    Status status = Ok{};
    if (stage_ == Stage::Silent && frame.verb != v2::Hello::kVerb) {
        status = Error{ErrorCode::BadState, "the first frame must be a netchat/2 greeting"};
    } else if (!rule) {
        status = Error{ErrorCode::BadVerb, "unknown verb '" + forLog(frame.verb, 32) + "'"};
    } else {
        status = (this->*rule->handler)(frame);
    }
    if (status) return;
    if (stage_ == Stage::Silent) {
        context().fail(status.error());
        return;
    }
    const auto labelOr = [&frame](std::string_view name) {
        const auto* found = frame.labels.find(name);
        return found ? *found : std::string_view();
    };
    send(v2::Failure{.code = errorName(status.error().code),
                     .re = frame.verb,
                     .id = labelOr("id"),
                     .room = labelOr("room"),
                     .nick = labelOr("nick"),
                     .sha256 = labelOr("sha256"),
                     .text = status.error().text});
}

Status V2Dialogue::onHello(const Frame& frame) {
    if (stage_ != Stage::Silent) return Error{ErrorCode::BadState, "the greeting was already sent"};
    const auto hello = v2::decode<v2::Hello>(frame);
    if (!hello) return hello.error();
    auto status = checkNick(hello->nick);
    if (!status) return status;
    if (context().options().password) {
        if (hello->auth.empty()) {
            return Error{ErrorCode::BadPassword,
                         "this server requires a password; use --password-file FILE"};
        }
        stage_ = Stage::Checking;
        caller_ = std::make_unique<Caller>(
            Caller{std::string(hello->nick), std::string(hello->session), hello->guest != 0});
        context().checkPassword(std::string(hello->auth));
        return Ok{};
    }
    stage_ = Stage::Greeted;
    ask(Greet{context().id(), Dialect::V2, keep(hello->nick), keep(hello->session),
              context().address(), context().hostKey(), hello->guest != 0});
    return Ok{};
}

void V2Dialogue::passwordGood() {
    const auto caller = std::move(caller_);
    stage_ = Stage::Greeted;
    ask(Greet{context().id(), Dialect::V2, keep(caller->nick), keep(caller->session),
              context().address(), context().hostKey(), caller->guest});
    receive({});
}

Status V2Dialogue::onJoin(const Frame& frame) {
    const auto join = v2::decode<v2::Join>(frame);
    if (!join) return join.error();
    if (auto status = context().mayAsk(RateLimiter::Action::Join); !status) return status;
    ask(Join{context().id(), keep(join->room), join->since, context().address(), keep(join->log)});
    return Ok{};
}

Status V2Dialogue::onLeave(const Frame& frame) {
    const auto leave = v2::decode<v2::Leave>(frame);
    if (!leave) return leave.error();
    ask(Leave{context().id(), keep(leave->room)});
    return Ok{};
}

size_t V2Dialogue::transfersMax() const {
    return context().options().limits.transfersMax;
}

Status V2Dialogue::checkText(std::string_view text) const {
    if (text.empty()) return Error{ErrorCode::BadText, "a text must not be empty"};
    const size_t most = context().options().limits.textBytesMax;
    if (text.size() > most) {
        return Error{ErrorCode::TooLong, "a text can have at most " + std::to_string(most) +
                                             " bytes; send it as a file"};
    }
    if (!utf8::isValid(text)) return Error{ErrorCode::BadText, "a text must be valid UTF-8"};
    return Ok{};
}

Status V2Dialogue::onSay(const Frame& frame) {
    const auto say = v2::decode<v2::Say>(frame);
    if (!say) return say.error();
    auto status = checkId(say->id);
    if (status) status = checkText(say->text);
    if (!status) return status;
    ask(Say{context().id(), keep(say->room), keep(say->id), keep(say->text)});
    context().said(say->text.size());
    return Ok{};
}

Status V2Dialogue::onTell(const Frame& frame) {
    const auto tell = v2::decode<v2::Tell>(frame);
    if (!tell) return tell.error();
    auto status = checkId(tell->id);
    if (status) status = checkText(tell->text);
    if (!status) return status;
    ask(Tell{context().id(), keep(tell->to), keep(tell->id), keep(tell->text)});
    context().said(tell->text.size());
    return Ok{};
}

Status V2Dialogue::onNick(const Frame& frame) {
    const auto nick = v2::decode<v2::Nick>(frame);
    if (!nick) return nick.error();
    if (auto status = context().mayAsk(RateLimiter::Action::Nick); !status) return status;
    ask(Rename{context().id(), keep(nick->nick), context().address()});
    return Ok{};
}

Status V2Dialogue::onWho(const Frame& frame) {
    const auto who = v2::decode<v2::Who>(frame);
    if (!who) return who.error();
    if (auto status = mayQuestion(); !status) return status;
    question(AskWho{context().id(), keep(who->room), who->after});
    return Ok{};
}

Status V2Dialogue::onRooms(const Frame&) {
    if (auto status = mayQuestion(); !status) return status;
    context().looksUp(limits::kRoomsListedMax / 10);  // they are at hand, unlike entries
    question(AskRooms{context().id()});
    return Ok{};
}

Status V2Dialogue::onHistory(const Frame& frame) {
    const auto history = v2::decode<v2::History>(frame);
    if (!history) return history.error();
    if (auto status = mayQuestion(); !status) return status;
    context().looksUp(std::min<uint64_t>(history->limit, limits::kHistoryEntriesMax));
    question(AskHistory{context().id(), keep(history->room), history->before, history->limit});
    return Ok{};
}

Status V2Dialogue::onSearch(const Frame& frame) {
    const auto search = v2::decode<v2::Search>(frame);
    if (!search) return search.error();
    if (search->words.size() > limits::kSearchBytesMax) {
        return Error{ErrorCode::TooLong, "a search can have at most " +
                                             std::to_string(limits::kSearchBytesMax) + " bytes"};
    }
    auto status = checkText(search->words);
    if (status) status = mayQuestion();
    if (!status) return status;
    question(AskSearch{context().id(), keep(search->room), keep(search->words), search->before,
                       search->limit});
    return Ok{};
}

Status V2Dialogue::onOp(const Frame& frame) {
    const auto op = v2::decode<v2::Op>(frame);
    if (!op) return op.error();
    if (auto status = context().mayAsk(RateLimiter::Action::Request); !status) return status;
    ask(Operate{context().id(), keep(op->act), keep(op->target), keep(op->reason), op->seconds,
                context().address()});
    return Ok{};
}

Status V2Dialogue::onPing(const Frame& frame) {
    const auto ping = v2::decode<v2::Ping>(frame);
    if (!ping) return ping.error();
    send(v2::Pong{ping->token});
    return Ok{};
}

Status V2Dialogue::onPong(const Frame&) {
    context().answersPings();
    return Ok{};
}

// What was asked before is answered first: the session ends as if the peer had ended it.
Status V2Dialogue::onBye(const Frame&) {
    stage_ = Stage::Parted;
    context().partPolitely();
    return Ok{};
}

// ---- files

Status V2Dialogue::onOffer(const Frame& frame) {
    const auto offer = v2::decode<v2::Offer>(frame);
    if (!offer) return offer.error();
    auto status = checkId(offer->id);
    if (status) status = checkFileName(offer->name);
    if (status && !offer->folder.empty()) status = checkFolder(offer->folder);
    if (status) status = checkSha256(offer->sha256);
    if (!status) return status;
    const uint64_t most = context().options().fileBytesMax;
    if (offer->size > most) {
        return Error{ErrorCode::TooLarge, "the file is too large; at most " + std::to_string(most) +
                                              " bytes are accepted"};
    }
    const Uploads* begun = uploadsIfAny();
    if (begun && begun->count() >= transfersMax()) {
        return Error{ErrorCode::TooMany, kTooManyUploads};
    }
    if (status = context().mayAsk(RateLimiter::Action::Offer); !status) return status;
    ++offersAsked_;
    const std::string text = fileText({offer->name, offer->folder, offer->mtime});
    ask(Offer{context().id(), keep(offer->room), keep(offer->id), keep(text), offer->size,
              keep(offer->sha256), context().limited(), context().address()});
    return Ok{};
}

void V2Dialogue::offerAllowed(const OfferAllowed& e) {
    --offersAsked_;
    // Several offers may have been on their way to the hub.
    if (uploads().count() >= transfersMax()) {
        send(v2::Failure{.code = errorName(ErrorCode::TooMany),
                         .re = v2::Offer::kVerb,
                         .id = e.id,
                         .room = e.room,
                         .sha256 = e.sha256,
                         .text = kTooManyUploads});
        return;
    }
    Upload upload;
    upload.room = e.room;
    upload.id = e.id;
    upload.name = e.name;
    upload.size = e.size;
    upload.sha256 = e.sha256;
    upload.owner = context().address();
    upload.partMs = context().nowMs();
    uploads().begin(std::move(upload));
}

void V2Dialogue::uploadAccepted(const Upload& upload) {
    partCame(upload.number);
    send(v2::Accept{upload.id, upload.number, upload.received});
}

void V2Dialogue::uploadStored(const Upload& upload, uint64_t stored) {
    send(v2::Stored{upload.number, stored});
}

void V2Dialogue::uploadDone(const Upload& upload, const std::string& sha256) {
    ask(DropFile{context().id(), keep(upload.room), keep(upload.id), keep(upload.name), upload.size,
                 keep(sha256)});
}

void V2Dialogue::uploadFailed(const Upload& upload, const Error& error) {
    const auto name = parseFileText(upload.name).name;
    context().log().notice(context().label() + ": the file " + forLog(name) +
                           " was refused: " + error.text);
    send(v2::Failure{.code = errorName(error.code),
                     .re = v2::Offer::kVerb,
                     .id = upload.id,
                     .room = upload.room,
                     .sha256 = upload.sha256,
                     .transfer = upload.number,
                     .text = error.text});
}

Status V2Dialogue::onData(const Frame& frame) {
    const auto data = v2::decode<v2::Data>(frame);
    if (!data) return data.error();
    Upload* upload = uploads().find(data->transfer);
    if (upload && data->bytes.empty() && data->off == upload->received) return Ok{};
    if (!upload || upload->state != Upload::State::Receiving) {
        return Error{ErrorCode::NoSuchTransfer,
                     "unknown transfer " + std::to_string(data->transfer)};
    }
    if (data->off != upload->received || data->bytes.size() > upload->size - upload->received) {
        // Later chunks would not fit either: the transfer is over, and may be offered again.
        const Upload failed = *upload;
        uploads().cancel(data->transfer);
        uploadFailed(failed, {ErrorCode::BadOffset, "the next bytes must start at offset " +
                                                        std::to_string(failed.received) + " of " +
                                                        std::to_string(failed.size)});
        return Ok{};
    }
    partCame(upload->number);
    context().stored(data->bytes.size());
    uploads().add(*upload, data->bytes);
    return Ok{};
}

Status V2Dialogue::onGet(const Frame& frame) {
    const auto get = v2::decode<v2::Get>(frame);
    if (!get) return get.error();
    auto status = checkSha256(get->sha256);
    if (!status) return status;
    // The next part of one that is under way.
    for (Download& under : downloads_) {
        if (under.sha256 != get->sha256 || under.end != get->at || get->len == 0) continue;
        const uint64_t most = (under.file ? under.file->size() : UINT64_MAX) - under.end;
        under.end += std::min(get->len, most);
        return Ok{};
    }
    if (downloads_.size() >= transfersMax()) {
        return Error{ErrorCode::TooMany, "too many downloads at once; wait for one to finish"};
    }
    const uint64_t most = UINT64_MAX - get->at;
    Download download{std::string(get->sha256), nullptr, get->at,
                      get->at + (get->len == 0 ? most : std::min(get->len, most))};
    if (status = openDownload(download); !status) return status;
    if (downloads_.empty()) context().limitUnsent(kUnsentBytes);
    if (!download.file) context().verify(download.sha256);
    downloads_.push_back(std::move(download));
    context().wantFlush();
    return Ok{};
}

// Leaves it without a file where nobody knows how long it should be: the store is to read it first.
Status V2Dialogue::openDownload(Download& download) {
    auto file = context().files().open(download.sha256);
    if (!file) return Error{ErrorCode::NoSuchFile, kNoSuchFile};
    if (!file->certain()) return Ok{};
    if (download.at > file->size()) {
        return Error{ErrorCode::BadOffset,
                     "the file has only " + std::to_string(file->size()) + " bytes"};
    }
    download.end = std::min(download.end, file->size());
    download.file = std::move(file);
    return Ok{};
}

void V2Dialogue::refuseDownload(const std::string& sha256, const Error& why) {
    send(v2::Failure{
        .code = errorName(why.code), .re = v2::Get::kVerb, .sha256 = sha256, .text = why.text});
}

Status V2Dialogue::onVerify(const Frame& frame) {
    const auto verify = v2::decode<v2::Verify>(frame);
    if (!verify) return verify.error();
    auto status = checkSha256(verify->sha256);
    if (status) status = mayQuestion();
    if (!status) return status;
    verifying_.emplace_back(verify->sha256);
    questionAsked();
    context().verify(verifying_.back());
    return Ok{};
}

// Answers whoever asked, and begins the downloads that waited for it.
void V2Dialogue::verified(const std::string& sha256, bool whole) {
    const auto asked = std::find(verifying_.begin(), verifying_.end(), sha256);
    const bool answers = asked != verifying_.end();
    if (answers) {
        verifying_.erase(asked);
        if (whole) {
            send(v2::Verified{sha256});
        } else {
            send(v2::Failure{.code = errorName(ErrorCode::NoSuchFile),
                             .re = v2::Verify::kVerb,
                             .sha256 = sha256,
                             .text = kNoSuchFile});
        }
    }
    std::erase_if(downloads_, [&](Download& download) {
        if (download.file || download.sha256 != sha256) return false;
        const Status status = openDownload(download);
        if (status && download.file) return false;
        const Error gone{ErrorCode::NoSuchFile, kNoSuchFile};
        refuseDownload(sha256, status ? gone : status.error());
        return true;
    });
    context().wantFlush();
    if (answers) questionAnswered();
}

Status V2Dialogue::onCancel(const Frame& frame) {
    const auto cancel = v2::decode<v2::Cancel>(frame);
    if (!cancel) return cancel.error();
    uploads().cancel(cancel->transfer);
    std::erase_if(downloads_, [&](const Download& d) { return d.sha256 == cancel->sha256; });
    return Ok{};
}

// One chunk of the download whose turn it is. Its last chunk, empty for an empty rest, ends it.
bool V2Dialogue::nextPiece(FilePiece& piece) {
    const auto next = std::find_if(downloads_.begin(), downloads_.end(),
                                   [](const Download& d) { return d.file != nullptr; });
    if (next == downloads_.end()) return false;
    Download download = std::move(*next);
    downloads_.erase(next);
    const uint64_t size = std::min<uint64_t>(limits::kPieceBytes, download.end - download.at);
    if (!download.file->holds(download.at + size)) {
        refuseDownload(download.sha256, {ErrorCode::NoSuchFile, kNoSuchFile});
        context().files().verify(download.sha256, [](bool) {});
        return nextPiece(piece);
    }
    FrameWriter(piece.before, v2::Data::kVerb)
        .label("sha256", download.sha256)
        .label("off", download.at)
        .finishBefore(size);
    piece.file = download.file;
    piece.offset = download.at;
    piece.left = size;
    download.at += size;
    if (download.at < download.end) downloads_.push_back(std::move(download));
    return true;
}

// ---- what is answered

// A question is small and its answer is not: what follows it waits, as what it has asked for would
// otherwise all be there at once, and everybody else would wait for it.
void V2Dialogue::questionAnswered() {
    const bool waited = asksTooMuch();
    if (questions_ > 0) {
        --questions_;
        if (AddressBudget* const budget = context().budget()) budget->answered(1);
    }
    if (waited && !asksTooMuch()) receive({});
}

void V2Dialogue::greeted(const Greeted& e) {
    context().setNick(e.nick);
    context().log().detail(context().label() + ": connected, v2");
    v2::Welcome welcome;
    welcome.session = e.secret;
    welcome.user = e.user;
    welcome.nick = e.nick;
    welcome.durability = e.durability;
    welcome.textMax = context().options().limits.textBytesMax;
    welcome.fileMax = context().options().fileBytesMax;
    welcome.chunkMax = context().options().windowBytes;
    welcome.server = "netchat/" NETCHAT_VERSION;
    welcome.log = e.log;
    welcome.guest = e.guest ? 1 : 0;
    send(welcome);
}

void V2Dialogue::subscribed(const Subscribed& e) {
    send(v2::Joined{e.name, e.seq, e.members, e.log, e.common, lines(e.roster)});
}

void V2Dialogue::unsubscribed(const Unsubscribed& e, const std::string& room) {
    if (e.told) send(v2::Left{room, e.seq, e.reason});
}

void V2Dialogue::told(const Told& e) {
    send(v2::Tell{e.to, e.id, e.from, e.user, e.time, e.text});
}

void V2Dialogue::renamed(const Renamed& e) {
    context().setNick(e.nick);
    send(v2::Named{e.nick});
}

void V2Dialogue::answer(const RosterReady& e) {
    send(v2::Roster{e.room, e.members, e.more ? 1u : 0u, lines(e.roster)});
    questionAnswered();
}

void V2Dialogue::answer(const RoomsReady& e) {
    std::string body;
    for (const RoomInfo& room : e.rooms) {
        v2::encodeLine(body, v2::RoomLine{room.name, room.members, room.seq});
    }
    send(v2::RoomList{e.count, body});
    questionAnswered();
}

// A gap is what a client goes on after. So none is said of what comes by itself: it may be on its
// way from memory, and if it is not, the gap is said in its turn.
void V2Dialogue::sayLost(const std::string& room, const Page& page) {
    const uint64_t owed = context().owedFrom(room);
    for (const auto& [first, last] : page.lost) {
        if (first < owed) gap(room, first, std::min(last, owed - 1));
    }
}

void V2Dialogue::answer(const HistoryReady& e) {
    sayLost(e.room, e.page);
    send(v2::Page{e.room, e.page.first, e.page.last, e.page.more ? 1u : 0u, e.page.bytes});
    questionAnswered();
}

void V2Dialogue::answer(const SearchReady& e) {
    sayLost(e.room, e.page);
    send(v2::Found{e.room, e.page.first, e.page.last, e.page.more ? 1u : 0u, e.page.bytes});
    questionAnswered();
}

void V2Dialogue::notice(const std::string& text) {
    send(v2::Notice{text});
}

void V2Dialogue::operated(const Operated& e) {
    send(v2::Done{e.act, e.target, e.text});
}

void V2Dialogue::refused(const Refused& e) {
    if (e.re == v2::Offer::kVerb && !e.wasEntry) --offersAsked_;
    context().log().detail(context().label() + ": " + std::string(e.re) +
                           " refused: " + forLog(e.error.text, 200));
    send(v2::Failure{.code = errorName(e.error.code),
                     .re = e.re,
                     .id = e.id,
                     .room = e.room,
                     .nick = e.nick,
                     .text = e.error.text});
    const VerbRule* const rule = ruleOf(e.re);
    if (rule && rule->question) questionAnswered();
}

void V2Dialogue::gap(const std::string& room, uint64_t first, uint64_t last) {
    send(v2::Gap{room, first, last});
}

void V2Dialogue::rejoined(const std::string& room) {
    // Who came and went meanwhile is not in the log: the roster says how it is now.
    question(AskWho{context().id(), keep(room), 0});
}

void V2Dialogue::farewell(const Error& why) {
    const auto re = context().user() == 0 ? v2::kGreeting : std::string_view();
    send(v2::Failure{.code = errorName(why.code), .re = re, .text = why.text});
}

void V2Dialogue::bye(std::string_view reason) {
    send(v2::Bye{reason});
}

}  // namespace netchat::serve
