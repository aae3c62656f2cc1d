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
            files_[name] = std::make_shared<std::string>(*bytes);
    }

    Result<std::unique_ptr<DiskFile>> create(const std::string& name) override {
        calls.push_back("create");
        if (files_.count(name)) return Error{ErrorCode::Internal, "the name is taken"};
        files_[name] = std::make_shared<std::string>();
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
            found.push_back({leaf, bytes->size(), 1'700'000'000'000});
        }
        return found;
    }

    void put(const std::string& name, const std::string& bytes) {
        files_[name] = std::make_shared<std::string>(bytes);
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& [name, bytes] : files_) all.push_back(name);
        return all;
    }

    uint64_t room = UINT64_MAX;  // for bytes to come
    std::string failing;         // the call that fails
    std::vector<std::string> calls;

  private:
    class File : public DiskFile {
      public:
        File(MemoryDisk& disk, std::shared_ptr<std::string> bytes)
            : disk_(disk), bytes_(std::move(bytes)) {}
        uint64_t size() const override { return bytes_->size(); }
        Status append(std::string_view bytes) override {
            const auto fits = static_cast<size_t>(std::min<uint64_t>(disk_.room, bytes.size()));
            bytes_->append(bytes.substr(0, fits));
            disk_.room -= fits;
            if (fits < bytes.size()) return Error{ErrorCode::NoRoom, "full"};
            return Ok{};
        }
        bool read(uint64_t offset, std::string& bytes) const override {
            if (offset > bytes_->size() || bytes.size() > bytes_->size() - offset) return false;
            bytes = bytes_->substr(offset, bytes.size());
            return true;
        }
        Status sync() override { return disk_.call("sync"); }

      private:
        MemoryDisk& disk_;
        const std::shared_ptr<std::string> bytes_;
    };

    Status call(const std::string& name) {
        calls.push_back(name);
        if (failing == name) return Error{ErrorCode::Internal, name + " failed"};
        return Ok{};
    }

    std::map<std::string, std::shared_ptr<std::string>> files_;
};

}  // namespace netchat::store
