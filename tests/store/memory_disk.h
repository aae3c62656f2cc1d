#pragma once

// A disk in memory: it fills, it fails, and it notes what it is asked for.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "modes/store/disk.h"

namespace netchat::store {

// A copy is the disk as a kill of the process leaves it.
class MemoryDisk : public Disk {
  public:
    MemoryDisk() = default;
    MemoryDisk(const MemoryDisk& other) {
        for (const auto& [name, bytes] : other.files_)
            files_[name] = std::make_shared<Node>(*bytes);
    }

    Result<std::unique_ptr<DiskFile>> create(const std::string& name) override {
        calls.push_back("create");
        if (files_.count(name)) return Error{ErrorCode::Internal, "the name is taken"};
        files_[name] = std::make_shared<Node>(Node{{}, ++lastNode_, 0});
        return open(name);
    }
    Result<std::unique_ptr<DiskFile>> reopen(const std::string& name) override {
        auto file = open(name);
        if (!file) return Error{ErrorCode::Internal, "no such file"};
        return file;
    }
    std::unique_ptr<DiskFile> open(const std::string& name) override {
        const auto it = files_.find(name);
        return it == files_.end() ? nullptr : std::make_unique<File>(*this, it->second);
    }
    Status rename(const std::string& from, const std::string& to) override {
        calls.push_back("rename");
        files_[to] = files_.at(from);
        files_.erase(from);
        return Ok{};
    }
    void remove(const std::string& name) override {
        calls.push_back("remove");
        files_.erase(name);
    }
    Status syncNames() override { return call("syncNames"); }
    std::vector<Listed> list(const std::string& folder) const override {
        std::vector<Listed> found;
        for (const auto& [name, bytes] : files_) {
            const size_t slash = name.find('/');
            if ((slash == std::string::npos ? "" : name.substr(0, slash)) != folder) continue;
            const std::string leaf = slash == std::string::npos ? name : name.substr(slash + 1);
            found.push_back({leaf, bytes->bytes.size(), 1'700'000'000'000});
        }
        return found;
    }

    void put(const std::string& name, const std::string& bytes) {
        files_[name] = std::make_shared<Node>(Node{bytes, ++lastNode_, 0});
    }
    // Somebody writes into it; or (rotten) it changes, and nobody has written.
    void damage(const std::string& name, const std::string& bytes, bool rotten = false) {
        Node& node = *files_.at(name);
        node.bytes = bytes;
        if (!rotten) ++node.changes;
    }
    const std::string& content(const std::string& name) const { return files_.at(name)->bytes; }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& [name, bytes] : files_) all.push_back(name);
        return all;
    }

    uint64_t room = UINT64_MAX;  // for bytes to come
    std::string failing;         // the call that fails
    std::vector<std::string> calls;

  private:
    struct Node {
        std::string bytes;
        uint64_t number = 0;
        int64_t changes = 0;
    };
    class File : public DiskFile {
      public:
        File(MemoryDisk& disk, std::shared_ptr<Node> node) : disk_(disk), node_(std::move(node)) {}
        uint64_t size() const override { return node_->bytes.size(); }
        FileStamp stamp() const override { return {size(), node_->number, node_->changes}; }
        Status append(std::string_view bytes) override {
            const auto fits = static_cast<size_t>(std::min<uint64_t>(disk_.room, bytes.size()));
            node_->bytes.append(bytes.substr(0, fits));
            disk_.room -= fits;
            if (fits < bytes.size()) return Error{ErrorCode::NoRoom, "full"};
            return Ok{};
        }
        bool read(uint64_t offset, std::string& bytes) const override {
            if (offset > size() || bytes.size() > size() - offset) return false;
            bytes = node_->bytes.substr(offset, bytes.size());
            return true;
        }
        Status sync() override { return disk_.call("sync"); }

      private:
        MemoryDisk& disk_;
        const std::shared_ptr<Node> node_;
    };

    Status call(const std::string& name) {
        calls.push_back(name);
        if (failing == name) return Error{ErrorCode::Internal, name + " failed"};
        return Ok{};
    }

    std::map<std::string, std::shared_ptr<Node>> files_;
    uint64_t lastNode_ = 0;
};

}  // namespace netchat::store
