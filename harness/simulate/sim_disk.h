#pragma once

// A disk that fills, fails, and forgets: at the end of a process all that was written stays, at the
// end of the machine only what was synced is sure to.
//
// Contents that were not synced survive up to some byte, the rest is lost or zeroes; of the changes
// of names since the last syncNames() some first ones survive, as a file system's journal has it.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/simulate/rng.h"
#include "modes/store/disk.h"

namespace netchat::simulate {

class SimDisk : public store::Disk {
  public:
    enum class Trouble { None, Full, Failing };

    Result<std::unique_ptr<store::DiskFile>> create(const std::string& name) override;
    Result<std::unique_ptr<store::DiskFile>> reopen(const std::string& name) override;
    std::unique_ptr<store::DiskFile> open(const std::string& name) override;
    Status rename(const std::string& from, const std::string& to) override;
    void remove(const std::string& name) override;
    Status syncNames() override;
    std::vector<Listed> list(const std::string& folder) const override;

    void machineDies(SimRng& rng);
    // Some complete file is damaged, by whatever it was; its name, or empty: there is none.
    enum class Rot { Flip, Truncate, Lengthen, Delete };
    std::string rot(Rot how, SimRng& rng);
    // It was changed without a trace, and nothing has changed it since.
    bool rotsInSilence(const std::string& name) const {
        const auto it = names_.find(name);
        return it != names_.end() && it->second->silent;
    }

    // ---- for whoever judges
    const std::string* content(const std::string& name) const;

    Trouble trouble = Trouble::None;
    bool gone = false;  // the process is: what its objects still do at their end has no effect
    int64_t nowMs = 0;  // Unix time

  private:
    struct Inode {
        std::string bytes;
        size_t synced = 0;
        int64_t changedMs = 0;
        uint64_t number = 0;
        int64_t changes = 0;
        bool silent = false;
    };
    using Node = std::shared_ptr<Inode>;
    using Names = std::map<std::string, Node>;
    struct Change {
        std::string from, to;  // one empty: made or removed
        Node node;
    };
    class File;

    Status usable() const;
    void change(Change change);
    static void apply(Names& names, const Change& change);

    Names names_, synced_;
    uint64_t lastNumber_ = 0;
    std::vector<Change> changes_;  // that are not in synced_
};

}  // namespace netchat::simulate
