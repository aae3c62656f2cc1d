#pragma once

// The file of what a run leaves for the next (remembered.h): read at the start, written while
// something changes and at the end. Mode 0600. UI thread.

#include <filesystem>
#include <string>

#include "modes/connect/screen/remembered.h"

namespace netchat::connect {

class MemoryFile {
  public:
    // `path`: empty where nothing is kept. Nothing is read where nothing is to be remembered.
    MemoryFile(std::filesystem::path path, bool remembers);

    const Remembered& remembered() const { return remembered_; }
    // Why the file can't be used, for the user; empty: it can. Then it is left as it is.
    const std::string& trouble() const { return trouble_; }
    // Writes what has changed; where nothing is to be remembered any more, the file goes.
    void save(const ScreenState& state);

  private:
    const std::filesystem::path path_;
    Remembered remembered_;
    std::string trouble_;
    std::string saved_;
};

}  // namespace netchat::connect
