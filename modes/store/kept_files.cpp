#include "modes/store/kept_files.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "modes/store/sha256_engine.h"
#include "protocol/names.h"

namespace netchat::store {

namespace {

constexpr std::string_view kAside = ".damaged";
// Of files that are missing at a start each is named, unless there are many.
constexpr size_t kMissingNamed = 10;

std::string asideName(const std::string& sha256) {
    return sha256 + std::string(kAside);
}

std::string lengthText(uint64_t is, uint64_t was) {
    return "it has " + std::to_string(is) + " bytes instead of " + std::to_string(was);
}

}  // namespace

KeptFiles::KeptFiles(Disk& disk, Options options)
    : disk_(disk),
      options_(std::move(options)),
      record_(options_.sync == FileSync::No ? nullptr : std::make_unique<SizeRecord>(disk)) {
    takeStock();
    if (record_) takeStockOfRecord();
}

void KeptFiles::tell(const std::string& text) const {
    if (options_.tell) options_.tell(text);
}

// ---- what is there at the start

void KeptFiles::takeStock() {
    const MutexLock lock(mutex_);
    auto files = disk_.list("");
    for (const Disk::Listed& file : files) {
        if (!file.name.ends_with(kAside) ||
            !checkSha256(file.name.substr(0, file.name.size() - kAside.size()))) {
            continue;
        }
        aside_[file.name] = file.size;
        bytes_ += file.size;
    }
    // What is not ours is neither counted nor dropped.
    std::erase_if(files, [](const Disk::Listed& file) { return !checkSha256(file.name); });
    // The order of use did not outlive the last server; that of arrival did.
    std::sort(files.begin(), files.end(), [](const Disk::Listed& a, const Disk::Listed& b) {
        return std::tie(a.changedMs, a.name) < std::tie(b.changedMs, b.name);
    });
    for (const Disk::Listed& file : files) add(file.name, file.size, Belief::Doubted);
}

// The record knows which files there were, and how long each was.
void KeptFiles::takeStockOfRecord() {
    const MutexLock lock(mutex_);
    size_t missing = 0;
    for (const auto& [sha256, size] : record_->read()) {
        const auto it = files_.find(sha256);
        if (it == files_.end()) {
            if (++missing <= kMissingNamed) tell("the stored file " + sha256 + " is missing");
            record_->forget(sha256);
        } else if (it->second.size != size) {
            lose(it, lengthText(it->second.size, size));
        } else {
            it->second.belief = Belief::Recorded;
        }
    }
    if (missing > kMissingNamed) {
        tell("so are " + std::to_string(missing - kMissingNamed) + " other stored files");
    }
    // Oldest first: those were synced, if any was.
    for (const std::string& name : uses_) {
        const auto it = files_.find(name);
        if (it->second.belief == Belief::Doubted) doubt(it);
    }
}

// ---- entries

KeptFiles::Kept& KeptFiles::add(const std::string& sha256, uint64_t size, Belief belief) {
    Kept& kept = files_[sha256];
    kept.size = size;
    kept.use = uses_.insert(uses_.end(), sha256);
    kept.serial = ++lastSerial_;
    kept.belief = belief;
    bytes_ += size;
    return kept;
}

// The entry goes; who has the file open is told by it that it should not be sent on.
void KeptFiles::drop(Files::iterator it) {
    if (record_) record_->forget(it->first);
    bytes_ -= it->second.size;
    uses_.erase(it->second.use);
    files_.erase(it);
}

void KeptFiles::lose(Files::iterator it, const std::string& why) {
    const std::string sha256 = it->first;
    if (const auto opened = it->second.opened.lock()) opened->spoil();
    drop(it);
    tell("the stored file " + sha256 + " is damaged: " + why + "; uploading it again replaces it");
    const auto file = disk_.open(sha256);
    const std::string aside = asideName(sha256);
    // Nothing can be learnt from an empty one.
    const bool keeps = file && file->size() > 0 && disk_.rename(sha256, aside);
    if (!keeps) return disk_.remove(sha256);
    bytes_ -= aside_[aside];  // an earlier one of this name
    aside_[aside] = file->size();
    bytes_ += file->size();
}

void KeptFiles::doubt(Files::iterator it) {
    if (std::exchange(it->second.inDoubts, true)) return;
    doubts_.push_back(it->first);
    doubtful_ = true;
}

void KeptFiles::verified(Files::iterator it, const FileStamp& stamp, int64_t nowMs) {
    Kept& kept = it->second;
    // It was not synced before the last server ended, or nobody knows that it was.
    if (kept.belief == Belief::Doubted && record_) behindSync(it->first, kept.serial);
    kept.belief = Belief::Verified;
    kept.stamp = stamp;
    kept.verifiedMs = nowMs;
}

void KeptFiles::behindSync(const std::string& sha256, uint64_t serial) {
    behind_.push_back({sha256, serial});
    unsynced_ = true;
}

// ---- any thread

std::shared_ptr<const StoredFile> KeptFiles::open(std::string_view sha256) {
    const MutexLock lock(mutex_);
    const auto it = files_.find(std::string(sha256));
    if (it == files_.end()) return nullptr;
    Kept& kept = it->second;
    auto opened = kept.opened.lock();
    std::shared_ptr<const DiskFile> file = opened ? opened->file() : disk_.open(it->first);
    if (!file) return lose(it, "it is missing"), nullptr;
    const FileStamp stamp = file->stamp();
    if (stamp.size != kept.size) {
        return lose(it, lengthText(stamp.size, kept.size)), nullptr;
    }
    if (kept.belief != Belief::Verified || !(stamp == kept.stamp)) {
        if (kept.belief == Belief::Verified) kept.belief = Belief::Recorded;
        if (kept.size > options_.checkAtOnceBytes) {
            doubt(it);
        } else if (!hashAtOnce(it, *file, stamp)) {
            return nullptr;
        }
    }
    if (!opened) {
        opened = std::make_shared<StoredFile>(std::move(file), kept.size);
        kept.opened = opened;
    }
    opened->setCertain(kept.belief != Belief::Doubted);
    uses_.splice(uses_.end(), uses_, kept.use);
    return opened;
}

// False: it was damaged.
bool KeptFiles::hashAtOnce(Files::iterator it, const DiskFile& file, const FileStamp& stamp) {
    std::string bytes(static_cast<size_t>(it->second.size), '\0');
    auto digest = newSha256();
    const bool read = file.read(0, bytes);
    digest->update(bytes.data(), bytes.size());
    if (!read || Poco::DigestEngine::digestToHex(digest->digest()) != it->first) {
        lose(it, read ? "its SHA-256 does not match" : "it cannot be read");
        return false;
    }
    // One that was removed can still be read by whoever has it open.
    const auto named = disk_.open(it->first);
    if (!named) return lose(it, "it is missing"), false;
    if (named->stamp() == stamp) verified(it, stamp, 0);
    return true;
}

void KeptFiles::unneeded(std::string_view sha256) {
    const MutexLock lock(mutex_);
    const auto it = files_.find(std::string(sha256));
    if (it != files_.end()) uses_.splice(uses_.begin(), uses_, it->second.use);
}

bool KeptFiles::remove(std::string_view sha256) {
    const MutexLock lock(mutex_);
    const std::string name(sha256);
    if (const auto aside = aside_.find(asideName(name)); aside != aside_.end()) {
        disk_.remove(aside->first);
        bytes_ -= aside->second;
        aside_.erase(aside);
    }
    const auto it = files_.find(name);
    if (it == files_.end()) return false;
    if (const auto opened = it->second.opened.lock()) opened->spoil();
    drop(it);
    disk_.remove(name);
    return true;
}

void KeptFiles::syncBehind() {
    std::vector<Unsynced> todo;
    {
        const MutexLock lock(mutex_);
        todo.swap(behind_);
        unsynced_ = false;
    }
    Status status = Ok{};
    std::erase_if(todo, [&](const Unsynced& item) {
        const auto file = disk_.open(item.sha256);
        if (!file) return true;
        if (auto synced = file->sync(); !synced) status = synced;
        return false;
    });
    if (todo.empty()) return;
    if (status) status = disk_.syncNames();
    if (!status && !std::exchange(syncFails_, true)) {
        tell("files cannot be synced to disk; a power cut may lose them: " + status.error().text);
    }
    if (status) syncFails_ = false;
    const MutexLock lock(mutex_);
    if (!status) {
        behind_.insert(behind_.end(), todo.begin(), todo.end());
        unsynced_ = true;
        return;
    }
    for (const Unsynced& item : todo) {
        const auto it = files_.find(item.sha256);
        if (it == files_.end() || it->second.serial != item.serial) continue;
        record_->add(item.sha256, it->second.size);
    }
}

// ---- the store's thread

bool KeptFiles::has(std::string_view sha256, uint64_t size) {
    const MutexLock lock(mutex_);
    const auto it = files_.find(std::string(sha256));
    if (it == files_.end() || it->second.size != size) return false;
    uses_.splice(uses_.end(), uses_, it->second.use);
    return true;
}

bool KeptFiles::isVerified(std::string_view sha256) {
    const MutexLock lock(mutex_);
    const auto it = files_.find(std::string(sha256));
    if (it == files_.end() || it->second.belief != Belief::Verified) return false;
    const auto file = disk_.open(it->first);
    return file && file->stamp() == it->second.stamp;
}

Status KeptFiles::keep(const std::string& from, const std::string& sha256, uint64_t size) {
    const bool stays = isVerified(sha256);
    {
        const MutexLock lock(mutex_);
        const auto it = files_.find(sha256);
        if (it != files_.end() && stays) {
            uses_.splice(uses_.end(), uses_, it->second.use);
            return Ok{};
        }
        if (it != files_.end()) {
            tell("the stored file " + sha256 + " was replaced by a new upload");
            drop(it);
        }
    }
    const bool syncs = options_.sync == FileSync::OnKeep;
    auto status = disk_.rename(from, sha256);
    if (status && syncs) {
        status = disk_.syncNames();
        // What nobody may hear of must not be found by the next who offers it.
        if (!status) disk_.remove(sha256);
    }
    if (!status) return status;
    const auto file = disk_.open(sha256);
    const MutexLock lock(mutex_);
    Kept& kept = add(sha256, size, file ? Belief::Verified : Belief::Doubted);
    if (file) kept.stamp = file->stamp();
    if (syncs) record_->add(sha256, size);
    if (options_.sync == FileSync::Behind) behindSync(sha256, kept.serial);
    return Ok{};
}

bool KeptFiles::dropDamaged() {
    const MutexLock lock(mutex_);
    if (aside_.empty()) return false;
    disk_.remove(aside_.begin()->first);
    bytes_ -= aside_.begin()->second;
    aside_.erase(aside_.begin());
    return true;
}

bool KeptFiles::dropOldest() {
    const MutexLock lock(mutex_);
    if (uses_.empty()) return false;
    const auto idle = std::find_if(uses_.begin(), uses_.end(),
                                   [this](const std::string& name)
                                       REQUIRES(mutex_) { return files_[name].opened.expired(); });
    const std::string name = idle == uses_.end() ? uses_.front() : *idle;
    drop(files_.find(name));
    disk_.remove(name);
    return true;
}

// ---- reading files again

KeptFiles::Check KeptFiles::checkOn(const std::string& sha256, std::optional<int64_t> sinceMs,
                                    int64_t nowMs) {
    auto it = readings_.find(sha256);
    if (it == readings_.end()) {
        if (isVerified(sha256)) {
            const MutexLock lock(mutex_);
            const auto kept = files_.find(sha256);
            const bool recent = kept != files_.end() && sinceMs &&
                                kept->second.verifiedMs >= *sinceMs &&
                                kept->second.verifiedMs <= nowMs;
            if (!sinceMs || recent) return Check::Whole;
        }
        Reading reading;
        if (!beginReading(sha256, reading)) return Check::Gone;
        it = readings_.emplace(sha256, std::move(reading)).first;
    }
    Reading& reading = it->second;
    const uint64_t left = reading.stamp.size - reading.at;
    std::string slice(std::min<uint64_t>(left, limits::kHashSliceBytes), '\0');
    if (reading.file->read(reading.at, slice)) {
        reading.digest->update(slice.data(), slice.size());
        reading.at += slice.size();
        if (reading.at < reading.stamp.size) return Check::Going;
    }
    const auto done = readings_.extract(it);
    return finishReading(sha256, done.mapped(), nowMs);
}

// False: it is not here (any more).
bool KeptFiles::beginReading(const std::string& sha256, Reading& reading) {
    const MutexLock lock(mutex_);
    const auto it = files_.find(sha256);
    if (it == files_.end()) return false;
    reading.file = disk_.open(sha256);
    if (!reading.file) return lose(it, "it is missing"), false;
    reading.stamp = reading.file->stamp();
    if (reading.stamp.size != it->second.size) {
        return lose(it, lengthText(reading.stamp.size, it->second.size)), false;
    }
    reading.serial = it->second.serial;
    reading.digest = newSha256();
    doubt(it);  // whoever asked for it may not ask on
    return true;
}

KeptFiles::Check KeptFiles::finishReading(const std::string& sha256, Reading& reading,
                                          int64_t nowMs) {
    const bool whole = reading.at == reading.stamp.size;
    const bool right = whole && Poco::DigestEngine::digestToHex(reading.digest->digest()) == sha256;
    const MutexLock lock(mutex_);
    const auto it = files_.find(sha256);
    if (it == files_.end()) return Check::Gone;
    // Another file has taken its place meanwhile.
    if (it->second.serial != reading.serial) return Check::Going;
    it->second.inDoubts = false;
    if (!right) {
        lose(it, whole ? "its SHA-256 does not match" : "it cannot be read");
        return Check::Gone;
    }
    verified(it, reading.stamp, nowMs);
    return Check::Whole;
}

void KeptFiles::checkSome(int64_t nowMs) {
    std::string name;
    {
        const MutexLock lock(mutex_);
        while (!doubts_.empty() && files_.count(doubts_.front()) == 0) doubts_.pop_front();
        doubtful_ = !doubts_.empty();
        if (doubts_.empty()) return;
        name = doubts_.front();
    }
    if (checkOn(name, {}, nowMs) == Check::Going) return;
    const MutexLock lock(mutex_);
    if (!doubts_.empty() && doubts_.front() == name) doubts_.pop_front();
    if (const auto it = files_.find(name); it != files_.end()) it->second.inDoubts = false;
    doubtful_ = !doubts_.empty();
}

}  // namespace netchat::store
