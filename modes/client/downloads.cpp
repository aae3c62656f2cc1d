#include "modes/client/downloads.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::client {

namespace {

// A server may announce more than anybody can fetch; each costs its name here.
constexpr size_t kQueueMax = 10'000;
// What one `get` asks for: so many fit into the window, so that it never runs dry.
constexpr uint64_t kPartsAhead = 4;
// Of how many that were given up late answers are known as such.
constexpr size_t kGivenUpMax = 64;

constexpr std::string_view kOtherBytes = "the received file does not match its SHA-256";
constexpr std::string_view kServersDamaged =
    "the server's copy of this file was damaged and deleted; somebody must send it again";

}  // namespace

void Downloads::want(const event::File& file) {
    if (queue_.size() >= kQueueMax) {
        return sink_.onEvent(
            event::FileFailed{.room = file.room,
                              .from = file.from,
                              .text = "too many downloads are waiting; try again later",
                              .name = file.name,
                              .folder = file.folder,
                              .sha256 = file.sha256,
                              .code = errorName(ErrorCode::TooMany),
                              .size = file.size});
    }
    queue_.push_back({std::string(file.room), std::string(file.from), std::string(file.name),
                      std::string(file.sha256), file.size, std::string(file.folder), file.mtime});
}

void Downloads::connectionEnded() {
    state_ = State::Waiting;
    givenUp_.clear();
}

bool Downloads::advance() {
    while (port_.open() && !queue_.empty() && state_ != State::Fetching &&
           state_ != State::Verifying) {
        if (state_ == State::Waiting && !begin()) continue;
        if (file_->rehash()) return true;
        asked_ = file_->received();
        if (asked_ == file_->size()) {
            finish();
        } else {
            state_ = State::Fetching;
            ask();
        }
    }
    return false;
}

bool Downloads::begin() {
    const Wanted& wanted = queue_.front();
    if (!file_) {
        auto file = host_.openIncoming(wanted.arriving());
        if (!file) return failHere(file.error()), false;
        file_ = std::move(*file);
        resumedAt_ = file_->received();
        progress_ = Progress(wanted.size);
    }
    state_ = State::Rehashing;
    return true;
}

// Keeps the window filled by whole parts.
void Downloads::ask() {
    const uint64_t window = std::max<uint64_t>(port_.windowBytes(), kPartsAhead);
    const Wanted& wanted = queue_.front();
    while (asked_ < wanted.size) {
        const uint64_t part = std::min(window / kPartsAhead, wanted.size - asked_);
        if (asked_ + part - file_->received() > window) return;
        port_.get(wanted.sha256, asked_, part);
        asked_ += part;
    }
}

void Downloads::chunk(std::string_view sha256, uint64_t off, std::string_view bytes) {
    // What a server still sends of a download that was given up here is read past.
    if (isLate(sha256, off, bytes) || !isFetching(sha256)) return;
    auto status =
        off == file_->received()
            ? file_->write(bytes)
            : Status(Error{ErrorCode::BadOffset,
                           "the server sent bytes from " + std::to_string(off) + " where " +
                               std::to_string(file_->received()) + " was due"});
    if (!status) {
        port_.cancelDownload(sha256);
        failHere(status.error());
        return void(advance());
    }
    if (progress_.isDue(file_->received())) {
        const Wanted wanted = queue_.front();  // who is told may give it up
        sink_.onEvent(event::Progress{.room = wanted.room,
                                      .from = wanted.from,
                                      .name = wanted.name,
                                      .sha256 = wanted.sha256,
                                      .size = wanted.size,
                                      .done = file_->received()});
    }
    // The listener may have ended the connection, or this download.
    if (state_ != State::Fetching) return;
    if (file_->received() < file_->size()) return ask();
    finish();
    advance();
}

bool Downloads::refused(const event::Refused& refusal) {
    if (refusal.re == v2::Verify::kVerb) return verifyRefused(refusal);
    // Each part is refused by itself.
    if (!isFetching(refusal.sha256)) return findGivenUp(refusal.sha256) != nullptr;
    fail(refusal.code, refusal.text);
    advance();
    return true;
}

void Downloads::finish() {
    state_ = State::Waiting;
    auto placed = file_->place(queue_.front().sha256);
    const bool wrong = !placed && placed.error().code == ErrorCode::BadHash;
    if (wrong && resumedAt_ > 0 && !std::exchange(queue_.front().anew, true)) {
        // What was on the disk was not what it seemed: once more, all of it.
        file_->forget();
        return file_.reset();
    }
    if (wrong && !queue_.front().doubted) return askToVerify();
    if (!placed) return failHere(placed.error());
    file_.reset();
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    sink_.onEvent(event::FileReceived{.room = wanted.room,
                                      .from = wanted.from,
                                      .name = wanted.name,
                                      .folder = wanted.folder,
                                      .path = placed->path,
                                      .sha256 = wanted.sha256,
                                      .size = wanted.size,
                                      .again = placed->wasThere});
}

void Downloads::askToVerify() {
    queue_.front().doubted = true;
    file_->forget();
    file_.reset();
    state_ = State::Verifying;
    port_.verify(queue_.front().sha256);
}

void Downloads::verified(std::string_view sha256) {
    if (!isVerifying(sha256)) return;
    state_ = State::Waiting;
    advance();
}

// A server of an earlier version does not know the verb, and says so.
bool Downloads::verifyRefused(const event::Refused& refusal) {
    if (!isVerifying(refusal.sha256)) return true;
    const bool gone = refusal.code == errorName(ErrorCode::NoSuchFile);
    fail(errorName(ErrorCode::BadHash), gone ? kServersDamaged : kOtherBytes);
    advance();
    return true;
}

// What came is right as far as it goes, where only this machine could not take more: it stays for
// the next run. But no file is kept out by what is left of others.
void Downloads::failHere(const Error& error) {
    const bool full = error.code == ErrorCode::NoRoom;
    if (!full && error.code != ErrorCode::Internal) return fail(errorName(error.code), error.text);
    dropFile(Rest::Kept);
    if (full && makeRoom()) return;  // the front begins again
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    if (full) stopped_.push_back(wanted);
    tellFailed(wanted, errorName(error.code), error.text);
}

// Whether there was anything to be removed for the front.
bool Downloads::makeRoom() {
    std::erase_if(stopped_,
                  [&](const Wanted& other) { return other.sha256 == queue_.front().sha256; });
    for (const Wanted& other : stopped_) forgetEarlier(other);
    return !std::exchange(stopped_, {}).empty();
}

void Downloads::fail(std::string_view code, std::string_view text) {
    dropFile(Rest::Forgotten);
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    tellFailed(wanted, code, text);
}

void Downloads::tellFailed(const Wanted& wanted, std::string_view code, std::string_view text) {
    sink_.onEvent(event::FileFailed{.room = wanted.room,
                                    .from = wanted.from,
                                    .text = text,
                                    .name = wanted.name,
                                    .folder = wanted.folder,
                                    .sha256 = wanted.sha256,
                                    .code = code,
                                    .size = wanted.size});
}

// What is on its way of the front is remembered as late.
void Downloads::dropFile(Rest rest) {
    if (state_ == State::Fetching) {
        const std::string& sha256 = queue_.front().sha256;
        uint64_t late = asked_ - file_->received();
        if (const GivenUp* before = findGivenUp(sha256)) late += before->late;
        std::erase_if(givenUp_, [&](const GivenUp& given) { return given.sha256 == sha256; });
        if (givenUp_.size() == kGivenUpMax) givenUp_.erase(givenUp_.begin());
        givenUp_.push_back({sha256, late});
    }
    state_ = State::Waiting;
    if (file_ && rest == Rest::Forgotten) file_->forget();
    file_.reset();
}

// ---- what is given up, and what comes of it all the same

bool Downloads::cancel(std::string_view sha256) {
    const auto isOther = [&](const Wanted& wanted) { return wanted.sha256 != sha256; };
    const auto first = std::find_if_not(queue_.begin(), queue_.end(), isOther);
    if (first == queue_.end()) return false;
    if (isFetching(sha256)) port_.cancelDownload(sha256);
    if (isVerifying(sha256)) state_ = State::Waiting;
    if (first == queue_.begin() && file_) {
        dropFile(Rest::Forgotten);
    } else {
        forgetEarlier(*first);
    }
    const auto end = std::stable_partition(queue_.begin(), queue_.end(), isOther);
    const std::vector<Wanted> gone(std::make_move_iterator(end),
                                   std::make_move_iterator(queue_.end()));
    queue_.erase(end, queue_.end());
    for (const Wanted& wanted : gone) tellFailed(wanted, kCancelled, kCancelledText);
    return true;
}

// What an earlier time left of one that has not begun.
void Downloads::forgetEarlier(const Wanted& wanted) {
    if (auto file = host_.openIncoming(wanted.arriving())) (*file)->forget();
}

bool Downloads::isVerifying(std::string_view sha256) const {
    return state_ == State::Verifying && queue_.front().sha256 == sha256;
}

bool Downloads::isFetching(std::string_view sha256) const {
    return state_ == State::Fetching && queue_.front().sha256 == sha256;
}

Downloads::GivenUp* Downloads::findGivenUp(std::string_view sha256) {
    const auto found = std::find_if(givenUp_.begin(), givenUp_.end(),
                                    [&](const GivenUp& given) { return given.sha256 == sha256; });
    return found == givenUp_.end() ? nullptr : &*found;
}

// Bytes of a download that was given up may come although the same bytes are fetched anew: then
// each comes twice. True: nothing of these is due; else what is known already is cut off.
bool Downloads::isLate(std::string_view sha256, uint64_t& off, std::string_view& bytes) {
    GivenUp* const given = findGivenUp(sha256);
    if (given == nullptr) return false;
    if (!isFetching(sha256)) {
        given->late -= std::min<uint64_t>(given->late, bytes.size());
        return true;
    }
    const uint64_t due = file_->received();
    if (off == due) return false;
    const bool overlaps = off < due && bytes.size() > due - off;
    const uint64_t known = overlaps ? due - off : bytes.size();
    if (given->late < known) return false;
    given->late -= known;
    if (!overlaps) return true;
    off = due;
    bytes.remove_prefix(known);
    return false;
}

// ---- what the user sees

void Downloads::list(Transfers& out) const {
    const size_t count = std::min(queue_.size(), Transfers::kListedMax);
    for (size_t place = 0; place < count; ++place) out.all.push_back(transferOf(place));
    out.total += queue_.size();
}

Transfer Downloads::transferOf(size_t place) const {
    const Wanted& wanted = queue_[place];
    const bool front = place == 0;
    const bool hashing = front && state_ == State::Rehashing;
    const bool moving = front && state_ == State::Fetching;
    return {.sha256 = wanted.sha256,
            .room = wanted.room,
            .name = wanted.name,
            .done = front && file_ ? file_->received() : 0,
            .size = wanted.size,
            .state = hashing  ? Transfer::State::Hashing
                     : moving ? Transfer::State::Moving
                              : Transfer::State::Waiting};
}

}  // namespace netchat::client
