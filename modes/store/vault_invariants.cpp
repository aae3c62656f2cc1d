// What always holds in the store of files: whatever is counted is there, and the reverse.

#include <algorithm>

#include "modes/store/file_vault.h"

namespace netchat::store {

namespace {

std::string bytesText(const std::string& name, uint64_t is, uint64_t counted) {
    return name + " has " + std::to_string(is) + " bytes, and counts as " + std::to_string(counted);
}

}  // namespace

// ---- the vault

std::string FileVault::checkInvariants() {
    uint64_t arrived = 0;
    std::set<std::string> names;
    std::vector<Reservations::Taken> reserved;
    for (const auto& [id, upload] : uploads_) {
        if (auto fault = uploadFault(upload); !fault.empty()) return upload.name + ": " + fault;
        if (needless_.contains(id)) return upload.name + " is written, and needless";
        if (!names.insert(upload.name).second) return upload.name + " is written twice";
        arrived += upload.written;
        reserved.push_back({upload.owner, upload.size});
    }
    if (names != inUse_) return "the names in use are not those of the uploads";
    if (arrived != arrived_) return "the bytes of uploads are miscounted";
    if (auto fault = partialFault(); !fault.empty()) return fault;
    if (auto fault = reservations_.checkInvariants(reserved); !fault.empty()) return fault;
    return files_.checkInvariants();
}

std::string FileVault::uploadFault(const Upload& upload) const {
    if (!upload.file || !upload.digest) return "it has no file, or no digest";
    if (upload.hashed > upload.written) return "more was hashed than written";
    if (upload.written > upload.size) return "more was written than announced";
    if (partials_.contains(upload.name)) return "it is suspended, and goes on";
    return {};
}

std::string FileVault::partialFault() const {
    uint64_t suspended = 0;
    for (const auto& [name, partial] : partials_) {
        if (partial.written == 0) return name + " is suspended, and empty";
        suspended += partial.written;
    }
    return suspended == suspended_ ? "" : "the bytes of suspended uploads are miscounted";
}

std::string FileVault::checkDisk() {
    auto counted = files_.counted();
    for (const auto& [name, partial] : partials_) counted[name] = partial.written;
    for (const auto& [id, upload] : uploads_) counted[upload.name] = upload.written;
    for (const std::string folder : {"", kIncomingFolder}) {
        for (const Disk::Listed& file : disk_.list(folder)) {
            const std::string name = folder.empty() ? file.name : folder + "/" + file.name;
            const auto it = counted.find(name);
            // What is not ours, beside the complete files, is neither counted nor dropped.
            if (it == counted.end() && folder.empty()) continue;
            if (it == counted.end()) return name + " is there, and is not counted";
            if (it->second != file.size) return bytesText(name, file.size, it->second);
            counted.erase(it);
        }
    }
    return counted.empty() ? "" : counted.begin()->first + " counts, and is not there";
}

// ---- the complete files

std::string KeptFiles::checkInvariants() {
    const MutexLock lock(mutex_);
    uint64_t bytes = 0;
    for (const auto& [name, kept] : files_) {
        if (*kept.use != name) return name + " is used as another file";
        if (kept.serial > lastSerial_) return name + " has a serial that was not given yet";
        const bool isToBeHashed = std::find(doubts_.begin(), doubts_.end(), name) != doubts_.end();
        if (kept.inDoubts && !isToBeHashed) return name + " is never hashed";
        bytes += kept.size;
    }
    for (const auto& [name, size] : aside_) bytes += size;
    // Each file has its use: as many uses as files means no others.
    if (uses_.size() != files_.size()) return "a file that is not kept is used";
    if (bytes != bytes_) return "the bytes of kept files are miscounted";
    if (!behind_.empty() && !unsynced_) return "a file waits for a sync that nobody asks for";
    return {};
}

std::map<std::string, uint64_t> KeptFiles::counted() {
    const MutexLock lock(mutex_);
    std::map<std::string, uint64_t> all(aside_);
    for (const auto& [name, kept] : files_) all[name] = kept.size;
    return all;
}

// ---- what is announced

std::string Reservations::checkInvariants(const std::vector<Taken>& all) const {
    std::array<Class, 2> sums;
    for (const auto& [owner, size] : all) {
        Class& sum = sums[classIndex(size)];
        sum.bytes += counted(size);
        if (owner != 0 && size > 0) sum.byOwner[owner] += counted(size);
    }
    for (size_t i = 0; i < sums.size(); ++i) {
        if (classes_[i].bytes != sums[i].bytes) return "what is announced in all is miscounted";
        if (classes_[i].byOwner != sums[i].byOwner) return "what an owner announced is miscounted";
    }
    return {};
}

}  // namespace netchat::store
