#pragma once

// A stretch of output that must not be interrupted, with a file's bytes in its middle:
//
//     before | the file's bytes | after

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "modes/store/file_store.h"

namespace netchat::serve {

struct FilePiece {
    std::string before;
    std::shared_ptr<const store::StoredFile> file;  // null: only `before` and `after`
    uint64_t offset = 0, left = 0;
    std::string after;
    size_t sent = 0;  // of before, then of after
};

}  // namespace netchat::serve
