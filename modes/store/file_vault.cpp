#include "modes/store/file_vault.h"

#include <Poco/Crypto/OpenSSLInitializer.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::store {

namespace {

// POCO sets OpenSSL up for the first digest and takes it down after the last, without regard to
// other threads that do the same; as long as this lives there is neither a first nor a last.
const Poco::Crypto::OpenSSLInitializer keepsOpenSslUp;

constexpr char kIncoming[] = "incoming";
constexpr size_t kShaChars = 64;

std::string partialName(std::string_view sha256, uint64_t size) {
    return std::string(kIncoming) + "/" + std::string(sha256) + "-" + std::to_string(size) +
           ".part";
}

std::string temporaryName(FileVault::UploadId id) {
    return std::string(kIncoming) + "/" + std::to_string(id) + ".tmp";
}

// The announced size in "<sha256>-<size>.part"; nothing where it is no such name.
std::optional<uint64_t> sizeInName(const std::string& name) {
    constexpr std::string_view kEnding = ".part";
    if (name.size() <= kShaChars + 1 + kEnding.size() || name[kShaChars] != '-') return {};
    if (!checkSha256(name.substr(0, kShaChars))) return {};
    const char* const begin = name.data() + kShaChars + 1;
    const char* const end = name.data() + name.size() - kEnding.size();
    uint64_t size = 0;
    const auto [stop, failure] = std::from_chars(begin, end, size);
    const bool good = failure == std::errc{} && stop == end &&
                      std::string_view(name).substr(name.size() - kEnding.size()) == kEnding;
    return good ? std::optional(size) : std::nullopt;
}

std::unique_ptr<Poco::Crypto::DigestEngine> newDigest() {
    return std::make_unique<Poco::Crypto::DigestEngine>("SHA256");
}

Error isOver() {
    return {ErrorCode::Internal, "this upload is over"};
}

}  // namespace

FileVault::FileVault(Disk& disk, Options options, int64_t nowMs)
    : disk_(disk), options_(std::move(options)) {
    takeStock();
    takeStockOfIncoming(nowMs);
    // A process that ended between a file's new name and its sync left the name unsynced.
    if (options_.sync == FileSync::OnKeep) (void)disk_.syncNames();
}

FileVault::~FileVault() {
    while (!uploads_.empty()) suspend(uploads_.begin()->first, 0);
}

void FileVault::takeStock() {
    auto files = disk_.list("");
    // What is not ours is neither counted nor dropped.
    std::erase_if(files, [](const Disk::Listed& file) { return !checkSha256(file.name); });
    // The order of use did not outlive the last server; that of arrival did.
    std::sort(files.begin(), files.end(), [](const Disk::Listed& a, const Disk::Listed& b) {
        return std::tie(a.changedMs, a.name) < std::tie(b.changedMs, b.name);
    });
    for (const Disk::Listed& file : files) {
        kept_[file.name] = {file.size, uses_.insert(uses_.end(), file.name), {}};
        bytes_ += file.size;
    }
}

void FileVault::takeStockOfIncoming(int64_t nowMs) {
    for (const Disk::Listed& file : disk_.list(kIncoming)) {
        const std::string name = std::string(kIncoming) + "/" + file.name;
        const auto size = sizeInName(file.name);
        if (size && file.size > 0 && file.size <= *size) {
            keepPartial(name, {file.size, file.changedMs, nullptr});
        } else {
            disk_.remove(name);
        }
    }
    expire(nowMs);
}

// ---- room

// Counts `size` against the quota; false when it cannot fit.
bool FileVault::makeRoom(uint64_t size) {
    // Nothing is dropped for what would not fit beside the uploads under way even so.
    if (size > options_.bytesMax || reserved_ > options_.bytesMax - size) return false;
    while (bytes_ + size > options_.bytesMax && (dropOldestPartial() || dropOldestKept())) {
    }
    bytes_ += size;
    reserved_ += size;
    return true;
}

bool FileVault::dropOldestPartial() {
    const auto oldest = std::min_element(
        partials_.begin(), partials_.end(),
        [](const auto& a, const auto& b) { return a.second.sinceMs < b.second.sinceMs; });
    if (oldest == partials_.end()) return false;
    removePartial(std::string(oldest->first));
    return true;
}

bool FileVault::dropOldestKept() {
    const std::lock_guard lock(mutex_);
    if (uses_.empty()) return false;
    const auto idle = std::find_if(uses_.begin(), uses_.end(), [this](const std::string& name) {
        return kept_[name].opened.expired();
    });
    const std::string name = idle == uses_.end() ? uses_.front() : *idle;
    dropKept(kept_.find(name));
    return true;
}

// mutex_ is held.
void FileVault::dropKept(std::unordered_map<std::string, Kept>::iterator it) {
    disk_.remove(it->first);
    bytes_ -= it->second.size;
    uses_.erase(it->second.use);
    kept_.erase(it);
}

void FileVault::expire(int64_t nowMs) {
    std::vector<std::string> expired;
    for (const auto& [name, partial] : partials_) {
        if (partial.sinceMs + limits::kPartialKeptMs < nowMs) expired.push_back(name);
    }
    for (const std::string& name : expired) removePartial(name);
}

void FileVault::keepPartial(const std::string& name, Partial partial) {
    bytes_ += partial.written;
    // The states of digests are kept for the latest only; other bytes can be hashed again.
    if (partial.digest) {
        const auto digests = std::count_if(partials_.begin(), partials_.end(),
                                           [](const auto& item) { return !!item.second.digest; });
        if (static_cast<size_t>(digests) >= limits::kPartialDigestsMax) {
            for (auto& [other, kept] : partials_) kept.digest.reset();
        }
    }
    partials_[name] = std::move(partial);
}

void FileVault::removePartial(const std::string& name) {
    const auto it = partials_.find(name);
    if (it == partials_.end()) return;
    disk_.remove(name);
    bytes_ -= it->second.written;
    partials_.erase(it);
}

// ---- uploads

Result<uint64_t> FileVault::begin(UploadId id, uint64_t size, std::string_view sha256,
                                  int64_t nowMs) {
    expire(nowMs);
    if (isKept(sha256, size)) {
        needless_.emplace(id, sha256);
        return size;
    }
    Upload upload;
    upload.sha256 = sha256;
    upload.size = size;
    upload.name = sha256.empty() ? temporaryName(id) : partialName(sha256, size);
    // Content that two upload at a time is written twice: either may be cut, or lie.
    if (inUse_.count(upload.name)) upload.name = temporaryName(id);
    Partial partial;
    if (const auto it = partials_.find(upload.name); it != partials_.end()) {
        partial = std::move(it->second);
        partials_.erase(it);
        bytes_ -= partial.written;
    }
    if (!makeRoom(size)) {
        if (partial.written > 0) keepPartial(upload.name, std::move(partial));
        return Error{ErrorCode::NoRoom,
                     "the server has no room for " + std::to_string(size) + " bytes"};
    }
    auto status = openFile(upload, std::move(partial));
    const uint64_t at = upload.written;
    inUse_.insert(upload.name);
    uploads_.emplace(id, std::move(upload));
    if (status) return at;
    end(id, true);
    return status.error();
}

// Kept with this size; it is used now.
bool FileVault::isKept(std::string_view sha256, uint64_t size) {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.find(std::string(sha256));
    if (it == kept_.end() || it->second.size != size) return false;
    uses_.splice(uses_.end(), uses_, it->second.use);
    return true;
}

// Takes up what a suspended upload left, or begins with an empty file.
Status FileVault::openFile(Upload& upload, Partial partial) {
    if (partial.written > 0) {
        auto file = disk_.reopen(upload.name);
        if (file && (*file)->size() == partial.written) {
            upload.file = std::move(*file);
            upload.written = partial.written;
            upload.hashed = partial.digest ? partial.written : 0;
            upload.digest = partial.digest ? std::move(partial.digest) : newDigest();
            return Ok{};
        }
        disk_.remove(upload.name);
    }
    auto file = disk_.create(upload.name);
    if (!file) return file.error();
    upload.file = std::move(*file);
    upload.digest = newDigest();
    return Ok{};
}

bool FileVault::hashing(UploadId id) const {
    const auto it = uploads_.find(id);
    return it != uploads_.end() && it->second.hashed < it->second.written;
}

Result<uint64_t> FileVault::hashOn(UploadId id) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return isOver();
    Upload& upload = it->second;
    std::string slice(static_cast<size_t>(std::min<uint64_t>(upload.written - upload.hashed,
                                                             limits::kHashSliceBytes)),
                      '\0');
    if (!upload.file->read(upload.hashed, slice)) {
        end(id, true);
        return Error{ErrorCode::Internal, "what was stored of the file cannot be read"};
    }
    hash(upload, slice);
    return upload.written;
}

template <class Work>
void FileVault::measure(int64_t& spentNs, Work work) {
    const int64_t before = options_.cpuNs ? options_.cpuNs() : 0;
    work();
    if (options_.cpuNs) spentNs += options_.cpuNs() - before;
}

void FileVault::hash(Upload& upload, std::string_view bytes) {
    measure(upload.cost.hashNs, [&] { upload.digest->update(bytes.data(), bytes.size()); });
    upload.hashed += bytes.size();
    upload.cost.bytes += bytes.size();
}

Result<size_t> FileVault::write(UploadId id, std::string_view bytes) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return isOver();
    Upload& upload = it->second;
    const bool fits = bytes.size() <= upload.size - upload.written;
    auto status = Status(Error{ErrorCode::TooLarge, "more bytes than announced"});
    if (fits) measure(upload.cost.writeNs, [&] { status = upload.file->append(bytes); });
    if (!status) {
        end(id, true);
        return status.error();
    }
    upload.written += bytes.size();
    hash(upload, bytes);
    return bytes.size();
}

Result<std::string> FileVault::finish(UploadId id, std::string_view sha256) {
    if (const auto kept = needless_.extract(id)) {
        const std::lock_guard lock(mutex_);
        if (kept_.count(kept.mapped()) > 0) return kept.mapped();
        return Error{ErrorCode::NoRoom, "the server has dropped this file to make room"};
    }
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return isOver();
    auto found = verify(it->second, sha256);
    auto status = found ? keep(it->second, *found) : Status(found.error());
    const FileCost cost = it->second.cost;
    end(id, true);
    if (!status) return status.error();
    if (options_.kept) options_.kept(*found, cost);
    // What another left of the same content is of no use any more.
    removeSuspended(*found);
    return found;
}

Result<std::string> FileVault::verify(Upload& upload, std::string_view sha256) {
    const std::string found = Poco::DigestEngine::digestToHex(upload.digest->digest());
    if (!sha256.empty() && found != sha256) {
        return Error{ErrorCode::BadHash,
                     "the bytes received have the SHA-256 " + found + ", not the one offered"};
    }
    return found;
}

Status FileVault::keep(Upload& upload, const std::string& sha256) {
    const bool syncs = options_.sync == FileSync::OnKeep;
    auto status = syncs ? upload.file->sync() : Status(Ok{});
    if (!status) return status;
    {
        const std::lock_guard lock(mutex_);
        if (const auto it = kept_.find(sha256); it != kept_.end()) {
            uses_.splice(uses_.end(), uses_, it->second.use);
            return Ok{};
        }
    }
    status = disk_.rename(upload.name, sha256);
    if (status && syncs) {
        status = disk_.syncNames();
        // What nobody may hear of must not be found by the next who offers it.
        if (!status) disk_.remove(sha256);
    }
    if (!status) return status;
    const std::lock_guard lock(mutex_);
    kept_[sha256] = {upload.written, uses_.insert(uses_.end(), sha256), {}};
    bytes_ += upload.written;
    return Ok{};
}

void FileVault::suspend(UploadId id, int64_t nowMs) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return end(id, false);
    Upload& upload = it->second;
    if (upload.sha256.empty() || upload.written == 0) return end(id, true);
    const std::string name = partialName(upload.sha256, upload.size);
    if (upload.name != name) {
        // Of two that were cut, the one that came further.
        const auto other = partials_.find(name);
        const bool behind = other != partials_.end() && other->second.written >= upload.written;
        if (behind || inUse_.count(name)) return end(id, true);
        removePartial(name);
        if (!disk_.rename(upload.name, name)) return end(id, true);
    }
    const bool whole = upload.hashed == upload.written;
    Partial partial{upload.written, nowMs, whole ? std::move(upload.digest) : nullptr};
    end(id, false);
    keepPartial(name, std::move(partial));
}

void FileVault::abort(UploadId id) {
    end(id, true);
}

// Ends an upload: its file is closed, its reservation given back, and what is left of it removed.
void FileVault::end(UploadId id, bool removes) {
    needless_.erase(id);
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return;
    it->second.file.reset();
    if (removes) disk_.remove(it->second.name);
    bytes_ -= it->second.size;
    reserved_ -= it->second.size;
    inUse_.erase(it->second.name);
    uploads_.erase(it);
}

// ---- complete files

std::shared_ptr<const StoredFile> FileVault::open(std::string_view sha256) {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.find(std::string(sha256));
    if (it == kept_.end()) return nullptr;
    Kept& kept = it->second;
    auto opened = kept.opened.lock();
    if (!opened) {
        std::shared_ptr<const DiskFile> file = disk_.open(it->first);
        if (!file) return nullptr;
        opened = std::make_shared<StoredFile>(std::move(file), kept.size);
        kept.opened = opened;
    }
    uses_.splice(uses_.end(), uses_, kept.use);
    return opened;
}

void FileVault::unneeded(std::string_view sha256) {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.find(std::string(sha256));
    if (it != kept_.end()) uses_.splice(uses_.begin(), uses_, it->second.use);
}

bool FileVault::remove(std::string_view sha256) {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.find(std::string(sha256));
    if (it == kept_.end()) return false;
    dropKept(it);
    return true;
}

void FileVault::removeSuspended(std::string_view sha256) {
    const std::string begin = std::string(kIncoming) + "/" + std::string(sha256) + "-";
    auto it = partials_.lower_bound(begin);
    while (it != partials_.end() && it->first.starts_with(begin)) {
        const std::string name = it->first;
        ++it;
        removePartial(name);
    }
}

}  // namespace netchat::store
