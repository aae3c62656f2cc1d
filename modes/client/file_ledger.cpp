#include "modes/client/file_ledger.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "modes/client/small_file.h"
#include "modes/client/transfer.h"
#include "protocol/labelled_line.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

constexpr std::string_view kLedgerMark = "netchat-files\tversion:1\n";
// All that a list may hold, with names of the longest, and as much again of changes.
constexpr size_t kLedgerBytesMax = 32 * limits::kMiB;
// The file is written again when it has so many lines more than four for each entry.
constexpr size_t kSpareLines = 1000;
// What fails so often is not tried any more by itself: the bytes at the server are wrong.
constexpr unsigned kFetchTriesMax = 3;

using State = KnownFile::State;
constexpr std::array<std::pair<State, std::string_view>, 5> kStates = {
    {{State::Own, "own"},
     {State::Offered, "offered"},
     {State::Wanted, "wanted"},
     {State::Received, "received"},
     {State::Failed, "failed"}}};

std::string_view stateName(State state) {
    for (const auto& [known, name] : kStates) {
        if (known == state) return name;
    }
    return {};
}

std::optional<State> stateOf(std::string_view text) {
    for (const auto& [state, name] : kStates) {
        if (name == text) return state;
    }
    return {};
}

// Names are remote: none of them ends its item or its line.
std::string item(std::string_view label, std::string_view value) {
    std::string text = "\t" + std::string(label) + std::string(value);
    for (char& c : text) {
        if (&c != text.data() && static_cast<unsigned char>(c) < ' ') c = '?';
    }
    return text;
}

std::string lineOf(const KnownFile& file) {
    return "file" + item("number:", std::to_string(file.number)) +
           item("state:", stateName(file.state)) + item("seq:", std::to_string(file.seq)) +
           item("size:", std::to_string(file.size)) + item("asked:", file.asked ? "1" : "0") +
           item("tries:", std::to_string(file.tries)) + item("sha256:", file.sha256) +
           item("folder:", file.folder) +
           (file.mtime ? item("changed:", std::to_string(*file.mtime)) : std::string()) +
           item("room:", file.room) + item("from:", file.from) + item("name:", file.name) + "\n";
}

// An earlier version wrote 0 where it was not known.
std::optional<int64_t> mtimeOf(std::string_view line) {
    if (const auto changed = numberOf<int64_t>(line, "changed:")) return changed;
    const auto earlier = numberOf<int64_t>(line, "mtime:");
    return earlier == 0 ? std::nullopt : earlier;
}

std::optional<KnownFile> parsed(std::string_view line) {
    const auto number = numberOf<unsigned>(line, "number:"),
               tries = numberOf<unsigned>(line, "tries:");
    const auto seq = numberOf(line, "seq:"), size = numberOf(line, "size:");
    const auto state = stateOf(valueOf(line, "state:").value_or(std::string_view()));
    const auto sha256 = valueOf(line, "sha256:"), room = valueOf(line, "room:"),
               from = valueOf(line, "from:"), name = valueOf(line, "name:");
    if (!line.starts_with("file\t") || !number || !tries || !seq || !size || !state || !sha256 ||
        !room || !from || !name) {
        return {};
    }
    return KnownFile{*number,
                     std::string(*room),
                     std::string(*from),
                     std::string(*name),
                     std::string(*sha256),
                     *size,
                     *state,
                     std::string(valueOf(line, "folder:").value_or(std::string_view())),
                     mtimeOf(line),
                     *seq,
                     valueOf(line, "asked:") == "1",
                     *tries};
}

}  // namespace

FileLedger::FileLedger(FileLedger&& other) noexcept {
    *this = std::move(other);
}

FileLedger& FileLedger::operator=(FileLedger&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(list_, other.list_);
    std::swap(unsaved_, other.unsaved_);
    std::swap(lines_, other.lines_);
    std::swap(whole_, other.whole_);
    return *this;
}

FileLedger::~FileLedger() {
    if (fd_ >= 0) ::close(fd_);
}

Result<FileLedger> FileLedger::open(const std::filesystem::path& path) {
    FileLedger ledger(path);
    if (auto status = ledger.load(); !status) return status.error();
    return ledger;
}

Error FileLedger::failure() const {
    return {ErrorCode::Internal, "cannot use " + forLog(path_.native(), 300) + ": " +
                                     std::generic_category().message(errno)};
}

Status FileLedger::load() {
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return Ok{};
    if (fd < 0) return failure();
    struct stat info {};
    const bool sized = ::fstat(fd, &info) == 0;
    std::string text(std::min(sized ? static_cast<size_t>(info.st_size) : 0, kLedgerBytesMax),
                     '\0');
    size_t size = 0;
    ssize_t got = 0;
    do {
        got = ::read(fd, text.data() + size, text.size() - size);
        if (got > 0) size += static_cast<size_t>(got);
    } while (got > 0 || (got < 0 && errno == EINTR));
    ::close(fd);
    if (got < 0) return failure();
    std::string_view rest = std::string_view(text).substr(0, size);
    if (!rest.starts_with(kLedgerMark)) {
        return Error{ErrorCode::Internal, "cannot use " + forLog(path_.native(), 300) +
                                              ": it is not a list of files of this version"};
    }
    std::map<unsigned, KnownFile> files;
    for (size_t end; (end = rest.find('\n')) != std::string_view::npos;
         rest.remove_prefix(end + 1)) {
        if (auto file = parsed(rest.substr(0, end))) files.insert_or_assign(file->number, *file);
    }
    std::vector<KnownFile> all;
    for (auto& [number, file] : files) all.push_back(std::move(file));
    list_.restore(std::move(all));
    return replace();
}

std::vector<KnownFile> FileLedger::pending(
    const std::function<uint64_t(const std::string& room)>& seen) const {
    std::vector<KnownFile> files = list_.all();
    std::erase_if(files, [&](const KnownFile& file) {
        const bool wanted = file.state == State::Wanted ||
                            (file.state == State::Failed && file.tries < kFetchTriesMax);
        return !wanted || (file.seq != 0 && file.seq > seen(file.room));
    });
    return files;
}

void FileLedger::follow(const Event& event) {
    if (path_.empty()) return;
    std::visit(
        Overloaded{[this](const event::File& file) { note(list_.announced(file, file.fetching)); },
                   [this](const event::FileReceived& file) {
                       for (const KnownFile* known :
                            list_.changed(file.sha256, file.name, State::Received)) {
                           note(*known);
                       }
                   },
                   [this](const event::FileFailed& file) { failed(file); }, IgnoreOthers{}},
        event);
}

// What this machine lacks, such as room, says nothing of the file. What the server has not any more
// will not come.
void FileLedger::failed(const event::FileFailed& file) {
    const bool declined = file.code == kCancelled;
    const bool gone = file.code == errorName(ErrorCode::NoSuchFile);
    const bool ours = file.code == errorName(ErrorCode::NoRoom) ||
                      file.code == errorName(ErrorCode::Internal) ||
                      file.code == errorName(ErrorCode::TooMany);
    const State state = declined ? State::Offered : State::Failed;
    for (KnownFile* known : list_.changed(file.sha256, file.name, state)) {
        known->tries = gone ? kFetchTriesMax : known->tries + (ours || declined ? 0 : 1);
        note(*known);
    }
}

void FileLedger::want(std::string_view sha256, std::string_view name, uint64_t size) {
    if (path_.empty()) return;
    KnownFile* known = sha256.empty() ? nullptr : list_.find(sha256);
    if (known == nullptr) {
        known = &list_.announced({.name = name, .sha256 = sha256, .size = size}, true);
    }
    known->state = State::Wanted;
    known->asked = true;
    known->tries = 0;
    note(*known);
}

void FileLedger::note(const KnownFile& file) {
    unsaved_ += lineOf(file);
    ++lines_;
    whole_ = whole_ || fd_ < 0 || lines_ > 4 * list_.size() + kSpareLines;
}

Status FileLedger::save() {
    if (path_.empty() || (unsaved_.empty() && !whole_)) return Ok{};
    if (whole_) return replace();
    const bool written = writeAll(fd_, unsaved_);
    unsaved_.clear();
    whole_ = !written;  // its last line may be torn
    return written ? Status(Ok{}) : Status(failure());
}

Status FileLedger::replace() {
    std::string text(kLedgerMark);
    const std::vector<KnownFile> files = list_.all();
    for (const KnownFile& file : files) text += lineOf(file);
    whole_ = true;
    const int fd = replaceAndOpen(path_, text, O_APPEND, Sync::No);
    if (fd < 0) return failure();
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
    unsaved_.clear();
    lines_ = files.size();
    whole_ = false;
    return Ok{};
}

}  // namespace netchat::client
