#include "harness/simulate/sim_disk.h"

#include <algorithm>
#include <utility>

#include "protocol/names.h"

namespace netchat::simulate {

class SimDisk::File : public store::DiskFile {
  public:
    File(SimDisk& disk, Node node) : disk_(disk), node_(std::move(node)) {}

    uint64_t size() const override { return node_->bytes.size(); }
    store::FileStamp stamp() const override { return {size(), node_->number, node_->changes}; }
    Status append(std::string_view bytes) override {
        auto status = disk_.usable();
        if (disk_.gone) return status;
        // A disk that is full takes what it has room for.
        if (!status) bytes = bytes.substr(0, bytes.size() / 2);
        node_->bytes.append(bytes);
        ++node_->changes;
        node_->changedMs = disk_.nowMs;
        return status;
    }
    bool read(uint64_t offset, std::string& bytes) const override {
        if (offset > node_->bytes.size() || node_->bytes.size() - offset < bytes.size()) {
            return false;
        }
        node_->bytes.copy(bytes.data(), bytes.size(), static_cast<size_t>(offset));
        return true;
    }
    Status sync() override {
        if (auto status = disk_.usable(); !status) return status;
        node_->synced = node_->bytes.size();
        return Ok{};
    }

  private:
    SimDisk& disk_;
    Node node_;
};

Status SimDisk::usable() const {
    if (gone) return Error{ErrorCode::Internal, "the process is gone"};
    if (trouble == Trouble::Full) return Error{ErrorCode::NoRoom, "the disk is full"};
    if (trouble == Trouble::Failing) return Error{ErrorCode::Internal, "the disk does not write"};
    return Ok{};
}

Result<std::unique_ptr<store::DiskFile>> SimDisk::create(const std::string& name) {
    if (auto status = usable(); !status) return status.error();
    if (names_.count(name)) return Error{ErrorCode::Internal, name + " is there already"};
    auto node = std::make_shared<Inode>();
    node->number = ++lastNumber_;
    node->changedMs = nowMs;
    change({{}, name, node});
    return std::unique_ptr<store::DiskFile>(std::make_unique<File>(*this, node));
}

Result<std::unique_ptr<store::DiskFile>> SimDisk::reopen(const std::string& name) {
    const auto it = names_.find(name);
    if (it == names_.end()) return Error{ErrorCode::Internal, name + " is not there"};
    return std::unique_ptr<store::DiskFile>(std::make_unique<File>(*this, it->second));
}

std::unique_ptr<store::DiskFile> SimDisk::open(const std::string& name) {
    const auto it = names_.find(name);
    if (it == names_.end()) return nullptr;
    return std::make_unique<File>(*this, it->second);
}

Status SimDisk::rename(const std::string& from, const std::string& to) {
    if (auto status = usable(); !status) return status;
    const auto it = names_.find(from);
    if (it == names_.end()) return Error{ErrorCode::Internal, from + " is not there"};
    change({from, to, it->second});
    return Ok{};
}

void SimDisk::remove(const std::string& name) {
    if (!gone && names_.count(name)) change({name, {}, nullptr});
}

Status SimDisk::syncNames() {
    if (auto status = usable(); !status) return status;
    synced_ = names_;
    changes_.clear();
    return Ok{};
}

std::vector<store::Disk::Listed> SimDisk::list(const std::string& folder) const {
    const std::string prefix = folder.empty() ? folder : folder + "/";
    std::vector<Listed> out;
    for (const auto& [name, node] : names_) {
        if (!name.starts_with(prefix)) continue;
        const std::string rest = name.substr(prefix.size());
        if (rest.find('/') != std::string::npos) continue;
        out.push_back({rest, node->bytes.size(), node->changedMs});
    }
    return out;
}

void SimDisk::change(Change change) {
    apply(names_, change);
    changes_.push_back(std::move(change));
}

void SimDisk::apply(Names& names, const Change& change) {
    names.erase(change.from);
    if (!change.to.empty()) names[change.to] = change.node;
}

void SimDisk::machineDies(SimRng& rng) {
    const uint64_t survive = rng.between(0, changes_.size());
    for (uint64_t i = 0; i < survive; ++i) apply(synced_, changes_[i]);
    changes_.clear();
    names_ = synced_;
    for (auto& [name, node] : names_) {
        if (node->synced == node->bytes.size()) continue;
        const size_t left = rng.between(node->synced, node->bytes.size());
        std::string bytes = node->bytes.substr(0, left);
        if (rng.oneIn(2))
            bytes.replace(node->synced, left - node->synced, left - node->synced, '\0');
        // The old one may still be open somewhere, in a process that is gone.
        node = std::make_shared<Inode>(
            Inode{std::move(bytes), 0, node->changedMs, node->number, node->changes + 1, false});
        node->synced = node->bytes.size();
    }
    synced_ = names_;
}

std::string SimDisk::rot(Rot how, SimRng& rng) {
    std::vector<std::string> files;
    for (const auto& [name, node] : names_) {
        if (checkSha256(name)) files.push_back(name);
    }
    if (files.empty()) return {};
    const std::string name = files[rng.below(files.size())];
    // Kept here: Delete takes the last name of it away.
    const std::shared_ptr<Inode> inode = names_[name];
    Inode& node = *inode;
    std::string& bytes = node.bytes;
    // A bit that flips by itself changes nothing else.
    node.silent = how == Rot::Flip && rng.oneIn(2);
    if (!node.silent) ++node.changes;
    switch (how) {
        case Rot::Flip:
            if (bytes.empty()) return {};
            bytes[rng.below(bytes.size())] ^= static_cast<char>(1 << rng.below(8));
            break;
        case Rot::Truncate:
            if (bytes.empty()) return {};
            bytes.resize(rng.below(bytes.size()));
            break;
        case Rot::Lengthen:
            bytes += "more";
            break;
        case Rot::Delete:
            names_.erase(name);
            synced_.erase(name);
            std::erase_if(changes_, [&name](const Change& change) { return change.to == name; });
            break;
    }
    node.synced = std::min(node.synced, bytes.size());
    return name;
}

const std::string* SimDisk::content(const std::string& name) const {
    const auto it = names_.find(name);
    return it == names_.end() ? nullptr : &it->second->bytes;
}

}  // namespace netchat::simulate
