#pragma once

// Which files are meant by what somebody asked to be sent: one path, several, or a folder.
//
//     my photo.jpg            one file, if there is one that is called so
//     a.txt 'my photo.jpg'    two
//     project                 the files of a folder, each with where it lay: project, project/src …
//
// Of a folder the regular files are sent. What is hidden (.git, .ssh, .env) is left out, as it may
// hold secrets and nobody sees it; and links are, since they may lead anywhere. How many were left
// out is told. It waits for the disk.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::client {

struct PlannedUpload {
    std::filesystem::path path;
    std::string folder;  // below what was sent; passes checkFolder(), or is empty
};

struct UploadPlan {
    std::vector<PlannedUpload> files;
    std::vector<std::string> errors;  // sentences about what can't be sent
    std::string leftOut;              // a sentence about what was left out, or nothing
};

// More is an archive's work. Nothing is sent of a folder that has more.
inline constexpr size_t kUploadFilesMax = 10'000;

// What was typed: the whole text if it is a path, else words as a shell parts them. `home`: what ~
// stands for.
UploadPlan planUploads(std::string_view typed, std::string_view home);
// Paths as a command line has them.
UploadPlan planUploads(std::span<const std::string> paths);

}  // namespace netchat::client
