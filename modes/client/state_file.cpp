#include "modes/client/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>
#include <utility>

#include "modes/client/known_servers.h"
#include "modes/client/sha256.h"
#include "modes/client/small_file.h"
#include "protocol/frame.h"
#include "protocol/labelled_line.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::client {

namespace {

// Each run gives out ids of its own, without writing each.
constexpr uint64_t kIdsOfARun = uint64_t{1} << 32;
constexpr size_t kStateBytesMax = 1 << 20;
constexpr std::string_view kStateMark = "netchat-client\tversion:1\n";

std::string fileName(const std::string& where, const std::string& shown, std::string_view nick) {
    Sha256 hash;
    hash.update(where + "\n" + std::string(nick));
    const std::string readable = safeFileName(shown + "-" + std::string(nick));
    return std::string(utf8::prefix(readable, 100)) + "-" + hash.hex().substr(0, 16) + ".state";
}

std::string fileNameOf(const net::HostPort& server, std::string_view nick) {
    const std::string port = std::to_string(server.port);
    return fileName(server.host + ":" + port, server.host + "_" + port, nick);
}

// The beginning of a fingerprint tells servers apart that a person looks for.
std::string fileNameOf(const StateKey& server, std::string_view nick) {
    constexpr size_t kShown = 7 + 12;
    if (server.fingerprint.empty()) return fileNameOf(folded(server.address), nick);
    return fileName(server.fingerprint, server.fingerprint.substr(0, kShown), nick);
}

// The latest use of an address counts first.
std::vector<std::filesystem::path> formerPaths(const std::filesystem::path& folder,
                                               const StateKey& server, std::string_view nick) {
    std::vector<std::filesystem::path> paths;
    if (server.fingerprint.empty()) paths.push_back(folder / fileNameOf(server.address, nick));
    for (const net::HostPort& place : server.former) {
        paths.push_back(folder / fileNameOf(place, nick));
        paths.push_back(folder / fileNameOf(folded(place), nick));
    }
    return paths;
}

// The newest goes up to the room's seq, which is written in its place.
std::string placesText(LogPlaces places) {
    if (!places.empty()) places.back().seq = 0;
    return logPlacesText(places);
}

// What cannot be understood is as if nothing was known.
LogPlaces placesOf(std::string_view line, uint64_t seq) {
    const auto text = valueOf(line, "log:");
    auto places = parseLogPlaces(text.value_or(std::string_view()));
    if (!places || places->empty()) return {};
    cutAt(*places, seq);
    places->back().seq = seq;
    return std::move(*places);
}

std::filesystem::path filesOf(std::filesystem::path state) {
    return state.replace_extension(".files");
}

}  // namespace

Result<Since> parseSince(std::string_view text) {
    if (text == "now") return Since{Since::From::Now};
    if (text == "all") return Since{Since::From::All};
    if (text == "last") return Since{Since::From::Last};
    uint64_t seq = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (error == std::errc() && end == text.data() + text.size())
        return Since{Since::From::Seq, seq};
    return Error{ErrorCode::BadValue, "must be now, all, last or the number of a message, not '" +
                                          forLog(text, 40) + "'"};
}

std::filesystem::path StateFile::folder(std::string_view xdgStateHome, std::string_view home) {
    // The specification has relative paths ignored.
    if (xdgStateHome.starts_with('/')) {
        return std::filesystem::path(xdgStateHome) / "netchat" / "clients";
    }
    if (home.empty()) return {};
    return std::filesystem::path(home) / ".local" / "state" / "netchat" / "clients";
}

bool StateFile::exists(const std::filesystem::path& folder, const StateKey& server,
                       std::string_view nick) {
    if (folder.empty()) return false;
    std::error_code error;
    auto paths = formerPaths(folder, server, nick);
    paths.push_back(folder / fileNameOf(server, nick));
    return std::any_of(paths.begin(), paths.end(), [&](const std::filesystem::path& path) {
        return std::filesystem::exists(path, error);
    });
}

Result<StateFile> StateFile::open(const std::filesystem::path& folder, const StateKey& server,
                                  std::string_view nick, Keep keep) {
    StateFile file(folder / fileNameOf(server, nick), keep);
    // Of a server that forgets its users nothing is kept.
    if (keep == Keep::Who && !exists(folder, server, nick)) return file;
    auto locked = file.lock();
    if (locked) locked = file.takeOver(formerPaths(folder, server, nick));
    if (!locked) {
        if (locked.error().code != ErrorCode::BadState) return locked.error();
        return Error{ErrorCode::BadState,
                     "another netchat is already running as '" + forLog(nick) + "' on this server"};
    }
    if (auto status = file.load(); !status) return status.error();
    if (auto status = file.loadFiles(); !status) return status.error();
    if (keep == Keep::Who && file.resume_) {
        file.resume_->nick = nick;
        file.resume_->rooms.clear();
    }
    return file;
}

// What an earlier version has kept by an address becomes this file, unless that run goes on.
Status StateFile::takeOver(const std::vector<std::filesystem::path>& former) {
    std::error_code error;
    for (const auto& path : former) {
        if (path == path_ || std::filesystem::exists(path_, error)) continue;
        if (!std::filesystem::exists(path, error)) continue;
        StateFile before(path, keep_);
        if (auto status = before.lock(); !status) return status;
        // The files first: who finds this one looks for no former ones again.
        const auto files = filesOf(path);
        const bool hasFiles = std::filesystem::exists(files, error);
        if ((hasFiles && ::rename(files.c_str(), filesOf(path_).c_str()) != 0) ||
            ::rename(path.c_str(), path_.c_str()) != 0) {
            return failure(std::generic_category().message(errno));
        }
    }
    return Ok{};
}

// What is locked stays in its place, where the file itself is replaced.
Status StateFile::lock() {
    std::error_code error;
    const auto folder = path_.parent_path();
    const bool made = std::filesystem::create_directories(folder, error);
    if (error) return failure(error.message());
    if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    const auto path = lockPath();
    for (;;) {
        lockFd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lockFd_ < 0) return failure(std::generic_category().message(errno));
        const bool locked = ::flock(lockFd_, LOCK_EX | LOCK_NB) == 0;
        struct stat about {};
        // Who had it meanwhile may have kept nothing, and removed it.
        const bool removed = locked && ::fstat(lockFd_, &about) == 0 && about.st_nlink == 0;
        if (locked && !removed) return Ok{};
        ::close(std::exchange(lockFd_, -1));
        if (!removed) break;
    }
    return Error{ErrorCode::BadState, "another netchat is already running as this user"};
}

std::filesystem::path StateFile::lockPath() const {
    auto path = path_;
    return path += ".lock";
}

Status StateFile::reserve() {
    if (resume_ || fd_ >= 0) return Ok{};
    auto reserved = ReservedFile::of(path_);
    if (!reserved) return reserved.error();
    if (lockFd_ < 0) {
        if (auto status = lock(); !status) return status;
    }
    reserved_.emplace(std::move(*reserved));
    return reserved_->take();
}

void StateFile::release() {
    if (!reserved_) return;
    ::unlink(lockPath().c_str());
    reserved_.reset();
    ::close(std::exchange(lockFd_, -1));
}

StateFile::StateFile(StateFile&& other) noexcept
    : path_(std::move(other.path_)),
      keep_(other.keep_),
      lockFd_(std::exchange(other.lockFd_, -1)),
      fd_(std::exchange(other.fd_, -1)),
      resume_(std::move(other.resume_)),
      reserved_(std::exchange(other.reserved_, std::nullopt)),
      user_(std::move(other.user_)),
      rooms_(std::move(other.rooms_)),
      files_(std::move(other.files_)),
      whole_(other.whole_),
      inPage_(other.inPage_),
      givenUp_(other.givenUp_),
      keepsToSeen_(other.keepsToSeen_) {
}

StateFile::~StateFile() {
    release();
    if (fd_ >= 0) ::close(fd_);
    if (lockFd_ >= 0) ::close(lockFd_);
}

Error StateFile::failure(const std::string& what) const {
    return {ErrorCode::Internal, "cannot use " + forLog(path_.native(), 300) + ": " + what};
}

Status StateFile::load() {
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) return Ok{};
    if (fd < 0) return failure(std::generic_category().message(errno));
    std::string text(kStateBytesMax, '\0');
    const ssize_t size = ::read(fd, text.data(), text.size());
    ::close(fd);
    if (size < 0) return failure(std::generic_category().message(errno));
    text.resize(static_cast<size_t>(size));
    if (auto status = parse(text); !status) return status;
    // The ids of this run are taken before any is used.
    user_.lastId += kIdsOfARun;
    return replace();
}

// Files without a user who was told of them are nobody's.
Status StateFile::loadFiles() {
    if (keep_ == Keep::Who) return Ok{};
    const auto path = filesOf(path_);
    if (!resume_) ::unlink(path.c_str());
    auto files = FileLedger::open(path);
    if (!files) return files.error();
    files_ = std::move(*files);
    if (!resume_) return Ok{};
    resume_->files = files_.pending([this](const std::string& name) {
        const auto room = std::find_if(rooms_.begin(), rooms_.end(),
                                       [&](const Room& known) { return known.name == name; });
        return room == rooms_.end() ? 0 : room->seq;
    });
    return Ok{};
}

Status StateFile::parse(const std::string& text) {
    std::string_view rest = text;
    if (!rest.starts_with(kStateMark)) return failure("it is not a state file of this version");
    rest.remove_prefix(kStateMark.size());
    while (!rest.empty()) {
        const size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        if (end == std::string_view::npos) return failure("its last line is incomplete");
        rest.remove_prefix(end + 1);
        const auto seq = numberOf(line, "seq:"), user = numberOf(line, "user:"),
                   ids = numberOf(line, "ids:");
        const auto secret = valueOf(line, "session:"), nick = valueOf(line, "nick:"),
                   name = valueOf(line, "name:");
        if (line.starts_with("user\t") && secret && user && nick && ids) {
            user_ = {.secret = std::string(*secret),
                     .user = *user,
                     .nick = std::string(*nick),
                     .lastId = *ids,
                     .rooms = {},
                     .said = {}};
        } else if (line.starts_with("room\t") && seq && name) {
            rooms_.push_back({std::string(*name), *seq, placesOf(line, *seq)});
        } else {
            return failure("it has an invalid line");
        }
    }
    if (user_.secret.empty()) return failure("it has no user");
    resume_ = user_;
    for (const Room& room : rooms_) resume_->rooms.push_back({room.name, room.seq, room.read});
    return Ok{};
}

bool StateFile::concerns(const Event& event) {
    return isOneOf<event::Connected, event::Joined, event::Named>(event);
}

void StateFile::follow(const Event& event, const Resume& state) {
    if (!concerns(event)) return;
    const auto* const connected = std::get_if<event::Connected>(&event);
    const auto* const joined = std::get_if<event::Joined>(&event);
    const bool forgetful = connected != nullptr && connected->durability == kForgetful;
    if (keep_ == Keep::Who && fd_ < 0 && (connected == nullptr || forgetful)) {
        if (forgetful) release();
        return;
    }
    whole_ = whole_ || user_.secret != state.secret || user_.nick != state.nick;
    user_.secret = state.secret;
    user_.user = state.user;
    user_.nick = state.nick;
    if (user_.lastId == 0) user_.lastId = kIdsOfARun;
    for (const auto& room : state.rooms) {
        if (joined == nullptr || room.name != joined->room) continue;
        const uint64_t before = seenIn(room.name).value_or(room.last);
        seen(room.name, keepsToSeen_ ? std::min(before, room.last) : room.last);
        readUnder(room);
    }
}

// Replaced together with how far it was seen.
void StateFile::readUnder(const Resume::Room& now) {
    if (keep_ == Keep::Who) return;
    const auto room = std::find_if(rooms_.begin(), rooms_.end(),
                                   [&](const Room& known) { return known.name == now.name; });
    whole_ = whole_ || placesText(room->read) != placesText(now.read);
    room->read = now.read;
}

std::optional<StateFile::Entry> StateFile::entryOf(const Event& event) {
    const auto entry = entryIn(event);
    if (!inPage_) files_.follow(event);
    return entry;
}

std::optional<StateFile::Entry> StateFile::entryIn(const Event& event) {
    const auto entry = [this](const auto& one, bool again) -> std::optional<Entry> {
        if (inPage_ || one.seq == 0 || again) return {};
        return Entry{one.room, one.seq};
    };
    if (isOneOf<event::HistoryPage, event::SearchPage>(event)) inPage_ = true;
    if (isOneOf<event::HistoryEnd, event::SearchEnd, event::Disconnected, event::Reconnecting>(
            event)) {
        inPage_ = false;
    }
    if (const auto* message = std::get_if<event::Message>(&event)) return entry(*message, false);
    if (const auto* file = std::get_if<event::File>(&event)) return entry(*file, file->again);
    return {};
}

std::optional<uint64_t> StateFile::seenIn(std::string_view name) const {
    const auto room = std::find_if(rooms_.begin(), rooms_.end(),
                                   [&](const Room& known) { return known.name == name; });
    if (room == rooms_.end()) return {};
    return room->seq;
}

void StateFile::seen(std::string_view name, uint64_t seq) {
    if (keep_ == Keep::Who) return;
    const auto room = std::find_if(rooms_.begin(), rooms_.end(),
                                   [&](const Room& known) { return known.name == name; });
    if (room == rooms_.end()) {
        rooms_.push_back({std::string(name), seq});
        whole_ = true;
    } else if (room->seq != seq) {
        room->seq = seq;
        room->changed = true;
    }
}

Status StateFile::save() {
    if (user_.secret.empty() || givenUp_) return Ok{};
    // A new user has seen nothing yet, and its secret comes before all else.
    if (fd_ < 0) {
        if (auto status = saveRooms(); !status) return status;
    }
    // First: what counts as seen is known there.
    if (auto status = files_.save(); !status) return status;
    return saveRooms();
}

Status StateFile::saveRooms() {
    Status status = Ok{};
    if (lockFd_ < 0) status = lock();
    if (status) status = whole_ ? replace() : update();
    givenUp_ = !status && keep_ == Keep::Who;
    return status;
}

Status StateFile::replace() {
    std::string text(kStateMark);
    text += "user\tsession:" + user_.secret + "\tuser:" + std::to_string(user_.user) +
            "\tnick:" + user_.nick + "\tids:" + paddedNumber(user_.lastId) + "\n";
    for (Room& room : rooms_) {
        text += "room\tseq:";
        room.offset = text.size();
        room.changed = false;
        text += paddedNumber(room.seq) + "\tname:" + room.name;
        if (!room.read.empty()) text += "\tlog:" + placesText(room.read);
        text += '\n';
    }
    int fd = reserved_ ? reserved_->put(text) : -1;
    reserved_.reset();
    // Synced: the next run would give out this one's ids again.
    if (fd < 0) fd = replaceAndOpen(path_, text, 0, Sync::Yes);
    if (fd < 0 && (errno == ENOSPC || errno == EDQUOT)) fd = overwrite(text);
    if (fd < 0) return failure(std::generic_category().message(errno));
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
    whole_ = false;
    return Ok{};
}

// Within the room that it has already; -1 with errno.
int StateFile::overwrite(std::string_view text) const {
    const int full = errno;
    const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct stat about {};
    constexpr uint64_t kBlockBytes = 512;  // whatever the file system's are
    const bool fits = fd >= 0 && ::fstat(fd, &about) == 0 &&
                      text.size() <= static_cast<uint64_t>(about.st_blocks) * kBlockBytes;
    const bool kept = fits && writeAll(fd, text, 0) &&
                      ::ftruncate(fd, static_cast<off_t>(text.size())) == 0 && ::fsync(fd) == 0;
    if (kept) return fd;
    if (fd >= 0) ::close(fd);
    errno = full;
    return -1;
}

Status StateFile::update() {
    for (Room& room : rooms_) {
        if (!room.changed) continue;
        if (!writeAll(fd_, paddedNumber(room.seq), static_cast<off_t>(room.offset))) {
            return failure(std::generic_category().message(errno));
        }
        room.changed = false;
    }
    return Ok{};
}

}  // namespace netchat::client
