#include "modes/store/file_vault.h"

#include <Poco/Crypto/OpenSSLInitializer.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "modes/store/sha256_engine.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/size_text.h"

namespace netchat::store {

namespace {

// POCO sets OpenSSL up for the first digest and takes it down after the last, without regard to
// other threads that do the same; as long as this lives there is neither a first nor a last.
const Poco::Crypto::OpenSSLInitializer keepsOpenSslUp;

// What the names of all parts of a content begin with.
std::string partialStem(std::string_view sha256, uint64_t size) {
    return std::string(kIncomingFolder) + "/" + std::string(sha256) + "-" + std::to_string(size);
}

bool isPartOf(const std::string& name, const std::string& stem) {
    return name.starts_with(stem) && (name[stem.size()] == '.' || name[stem.size()] == '-');
}

std::string temporaryName(FileVault::UploadId id) {
    return std::string(kIncomingFolder) + "/" + std::to_string(id) + ".tmp";
}

struct PartName {
    std::string sha256;
    uint64_t size;  // as announced
};

// Of "<sha256>-<size>.part" or "<sha256>-<size>-<n>.part"; nothing where it is no such name.
std::optional<PartName> partNameOf(const std::string& name) {
    constexpr std::string_view kEnding = ".part";
    if (name.size() <= kSha256Chars + 1 + kEnding.size() || name[kSha256Chars] != '-') return {};
    if (!name.ends_with(kEnding) || !checkSha256(name.substr(0, kSha256Chars))) return {};
    const char* at = name.data() + kSha256Chars + 1;
    const char* const end = name.data() + name.size() - kEnding.size();
    uint64_t size = 0, number = 0;
    auto read = std::from_chars(at, end, size);
    if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '-') {
        read = std::from_chars(read.ptr + 1, end, number);
    }
    if (read.ec != std::errc{} || read.ptr != end) return {};
    return PartName{name.substr(0, kSha256Chars), size};
}

Error isOver() {
    return {ErrorCode::Internal, "this upload is over"};
}

}  // namespace

FileVault::FileVault(Disk& disk, Options options, int64_t nowMs)
    : disk_(disk),
      options_(std::move(options)),
      files_(disk, options_.files),
      reservations_(options_.bytesMax, options_.reservedPerOwner > 0 ? options_.reservedPerOwner
                                                                     : options_.bytesMax / 4) {
    takeStockOfIncoming(nowMs);
    // A process that ended between a file's new name and its sync left the name unsynced.
    if (options_.files.sync == FileSync::OnKeep) (void)disk_.syncNames();
}

FileVault::~FileVault() {
    while (!uploads_.empty()) suspend(uploads_.begin()->first, 0);
}

void FileVault::takeStockOfIncoming(int64_t nowMs) {
    for (const Disk::Listed& file : disk_.list(kIncomingFolder)) {
        const std::string name = std::string(kIncomingFolder) + "/" + file.name;
        const auto part = partNameOf(file.name);
        if (part && file.size > 0 && file.size <= part->size) {
            keepPartial(name, {file.size, file.changedMs, nullptr});
            keepLongest(part->sha256, part->size);
        } else {
            disk_.remove(name);
        }
    }
    expire(nowMs);
}

// ---- room

// For bytes that are there; false when it cannot be made.
bool FileVault::makeRoom(uint64_t size) {
    while (bytes() + size > options_.bytesMax &&
           (files_.dropDamaged() || dropOldestPartial() || files_.dropOldest())) {
    }
    return bytes() + size <= options_.bytesMax;
}

bool FileVault::dropOldestPartial() {
    const auto oldest = std::min_element(
        partials_.begin(), partials_.end(),
        [](const auto& a, const auto& b) { return a.second.sinceMs < b.second.sinceMs; });
    if (oldest == partials_.end()) return false;
    removePartial(std::string(oldest->first));
    return true;
}

void FileVault::expire(int64_t nowMs) {
    std::vector<std::string> expired;
    for (const auto& [name, partial] : partials_) {
        if (partial.sinceMs + limits::kPartialKeptMs < nowMs) expired.push_back(name);
    }
    for (const std::string& name : expired) removePartial(name);
}

void FileVault::keepPartial(const std::string& name, Partial partial) {
    suspended_ += partial.written;
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
    suspended_ -= it->second.written;
    partials_.erase(it);
}

FileVault::Partials::iterator FileVault::longestPartial(const std::string& sha256, uint64_t size) {
    const std::string stem = partialStem(sha256, size);
    auto longest = partials_.end();
    for (auto it = partials_.lower_bound(stem); it != partials_.end(); ++it) {
        if (!it->first.starts_with(stem)) break;
        if (!isPartOf(it->first, stem)) continue;
        if (longest == partials_.end() || longest->second.written < it->second.written) {
            longest = it;
        }
    }
    return longest;
}

// Of several that were cut, the one that came furthest.
void FileVault::keepLongest(const std::string& sha256, uint64_t size) {
    const std::string stem = partialStem(sha256, size);
    const auto longest = longestPartial(sha256, size);
    std::vector<std::string> others;
    for (auto it = partials_.lower_bound(stem); it != partials_.end(); ++it) {
        if (!it->first.starts_with(stem)) break;
        if (it != longest && isPartOf(it->first, stem)) others.push_back(it->first);
    }
    for (const std::string& name : others) removePartial(name);
}

void FileVault::removeSuspended(std::string_view sha256) {
    const std::string begin = std::string(kIncomingFolder) + "/" + std::string(sha256) + "-";
    auto it = partials_.lower_bound(begin);
    while (it != partials_.end() && it->first.starts_with(begin)) {
        const std::string name = it->first;
        ++it;
        removePartial(name);
    }
}

// ---- uploads

Result<uint64_t> FileVault::begin(UploadId id, uint64_t size, std::string_view sha256, Owner owner,
                                  int64_t nowMs) {
    expire(nowMs);
    if (!files_.has(sha256, size)) return beginUpload(id, size, sha256, owner);
    needless_[id] = {std::string(sha256), size, owner, !files_.isVerified(sha256)};
    return size;
}

Result<uint64_t> FileVault::beginUpload(UploadId id, uint64_t size, std::string_view sha256,
                                        Owner owner) {
    auto status = reservations_.take(owner, size);
    if (!status) return status.error();
    Upload upload;
    upload.sha256 = sha256;
    upload.owner = owner;
    upload.size = size;
    Partial partial;
    if (const auto it = longestPartial(upload.sha256, size);
        !sha256.empty() && it != partials_.end()) {
        upload.name = it->first;
        partial = std::move(it->second);
        partials_.erase(it);
        suspended_ -= partial.written;
    } else {
        upload.name = newName(id, upload.sha256, size);
    }
    status = openFile(upload, std::move(partial));
    const uint64_t at = upload.written;
    arrived_ += at;
    inUse_.insert(upload.name);
    uploads_.emplace(id, std::move(upload));
    if (status) return at;
    end(id, true);
    return status.error();
}

// Content that two upload at a time is written twice: either may be cut, or lie. The names say what
// it is, so that either can go on after a crash.
std::string FileVault::newName(UploadId id, const std::string& sha256, uint64_t size) const {
    if (sha256.empty()) return temporaryName(id);
    const std::string stem = partialStem(sha256, size);
    std::string name = stem + ".part";
    while (inUse_.count(name) != 0) name = stem + "-" + std::to_string(id++) + ".part";
    return name;
}

// Takes up what a suspended upload left, or begins with an empty file.
Status FileVault::openFile(Upload& upload, Partial partial) {
    if (partial.written > 0) {
        auto file = disk_.reopen(upload.name);
        if (file && (*file)->size() == partial.written) {
            upload.file = std::move(*file);
            upload.written = partial.written;
            upload.hashed = partial.digest ? partial.written : 0;
            upload.digest = partial.digest ? std::move(partial.digest) : newSha256();
            return Ok{};
        }
        disk_.remove(upload.name);
    }
    auto file = disk_.create(upload.name);
    if (!file) return file.error();
    upload.file = std::move(*file);
    upload.digest = newSha256();
    return Ok{};
}

bool FileVault::hashing(UploadId id) const {
    if (const auto it = needless_.find(id); it != needless_.end()) return it->second.reading;
    const auto it = uploads_.find(id);
    return it != uploads_.end() && it->second.hashed < it->second.written;
}

Result<uint64_t> FileVault::hashOn(UploadId id, int64_t nowMs) {
    if (const auto known = needless_.find(id); known != needless_.end()) {
        return readOn(id, known->second, nowMs);
    }
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

// What is kept of it already is read before the upload is spared; what is damaged is uploaded anew.
Result<uint64_t> FileVault::readOn(UploadId id, Needless& needless, int64_t nowMs) {
    switch (files_.checkOn(needless.sha256, {}, nowMs)) {
        case KeptFiles::Check::Going:
            break;
        case KeptFiles::Check::Whole:
            needless.reading = false;
            break;
        case KeptFiles::Check::Gone: {
            const Needless wanted = std::move(needless);
            needless_.erase(id);
            return beginUpload(id, wanted.size, wanted.sha256, wanted.owner);
        }
    }
    return needless.size;
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
    Status status = Ok{};
    if (bytes.size() > upload.size - upload.written) {
        status = Error{ErrorCode::TooLarge, "more bytes than announced"};
    } else if (!makeRoom(bytes.size())) {
        status = Error{ErrorCode::NoRoom,
                       "the server has no space for the rest of this file: it stores at most " +
                           sizeText(options_.bytesMax) + ", and other uploads are in progress"};
    } else {
        measure(upload.cost.writeNs, [&] { status = upload.file->append(bytes); });
    }
    if (!status) {
        end(id, true);
        return status.error();
    }
    upload.written += bytes.size();
    arrived_ += bytes.size();
    hash(upload, bytes);
    return bytes.size();
}

Result<std::string> FileVault::finish(UploadId id, std::string_view sha256) {
    if (const auto kept = needless_.extract(id)) {
        const Needless& needless = kept.mapped();
        if (files_.has(needless.sha256, needless.size)) return needless.sha256;
        return Error{ErrorCode::NoRoom, "the server deleted this file to make space"};
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
    if (options_.files.sync == FileSync::OnKeep) {
        if (auto status = upload.file->sync(); !status) return status;
    }
    return files_.keep(upload.name, sha256, upload.written);
}

void FileVault::suspend(UploadId id, int64_t nowMs) {
    const auto it = uploads_.find(id);
    if (it == uploads_.end()) return end(id, false);
    Upload& upload = it->second;
    if (upload.sha256.empty() || upload.written == 0) return end(id, true);
    const PartName part{upload.sha256, upload.size};
    const std::string name = upload.name;
    const bool whole = upload.hashed == upload.written;
    Partial partial{upload.written, nowMs, whole ? std::move(upload.digest) : nullptr};
    end(id, false);
    keepPartial(name, std::move(partial));
    keepLongest(part.sha256, part.size);
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
    arrived_ -= it->second.written;
    reservations_.release(it->second.owner, it->second.size);
    inUse_.erase(it->second.name);
    uploads_.erase(it);
}

}  // namespace netchat::store
