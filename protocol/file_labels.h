#pragma once

// What travels with a file besides its name and its bytes: the folder that its sender had it in,
// relative to what was sent, and when it was changed.
//
//     offer  room:… id:… name:main.c size:… sha256:…  folder:project/src
//     mtime:2026-11-23T14:36:00.000Z file   …       name:main.c … folder:project/src  mtime:…
//
// Both are optional. Who does not know them has a file called main.c, as ever. The right to be
// executed does not travel: a stranger's file must never run. In a room's log they stand behind the
// name, as they stand on the wire, where no name has a TAB:
//
//     main.c\tfolder:project/src\tmtime:2026-11-23T14:36:00.000Z
//
// Pure functions, any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

// One or more parts with '/' between, each of which passes checkFileName(): at most
// limits::kFolderPartsMax, and limits::kFolderBytesMax in all. BadName.
Status checkFolder(std::string_view folder);

struct FileLabels {
    std::string_view name, folder = {};
    std::optional<int64_t> mtime = {};  // Unix milliseconds, also before 1970
};

// As a room's log has them. Without folder and mtime it is the name.
std::string fileText(const FileLabels& labels);
// All of a text without labels is the name.
FileLabels parseFileText(std::string_view text);

}  // namespace netchat
