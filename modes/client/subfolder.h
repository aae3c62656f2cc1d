#pragma once

// The folders below the one for downloads that files of a sent folder go to:
//
//     downloads/project/src/main.c        of a file with the folder "project/src"
//
// Each part is made safe as a file's name is, and is made or entered as a folder of its own: no
// part leads up, and no link that lies there is followed. Where something else has the name, the
// part gets a number. One thread at a time.

#include <filesystem>
#include <string_view>

#include "protocol/result.h"

namespace netchat::client {

struct Subfolder {
    int fd = -1;                 // the caller's to close
    std::filesystem::path path;  // below the folder; empty: the folder itself
};

// `folder` is remote. BadName: it is deeper than limits::kFolderPartsMax; else the disk's errors.
Result<Subfolder> openSubfolder(int downloadsFd, std::string_view folder);

}  // namespace netchat::client
