#include "harness/run/run_folder.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "modes/client/sha256.h"

namespace netchat::harness {

namespace fs = std::filesystem;

RunFolder::~RunFolder() {
    std::error_code ignored;
    if (!kept_ && !path_.empty()) fs::remove_all(path_, ignored);
}

void RunFolder::adopt(fs::path path, std::vector<std::string> sha256) {
    path_ = std::move(path);
    sha256_ = std::move(sha256);
    kept_ = true;
}

Status RunFolder::create(const Workload& workload) {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "netchat-harness-XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr) {
        return Error{ErrorCode::NoRoom, "no temporary folder can be made in " + name};
    }
    path_ = name;
    fs::create_directory(path_ / "files", error);
    for (size_t bot = 0; bot < workload.bots.size() && !error; ++bot) {
        fs::create_directories(downloads(bot), error);
    }
    if (error) return Error{ErrorCode::NoRoom, path_.string() + ": " + error.message()};
    for (uint32_t index = 0; index < workload.files.size(); ++index) {
        if (auto status = writeFile(workload, index); !status) return status;
    }
    return Ok{};
}

Status RunFolder::writeFile(const Workload& workload, uint32_t index) {
    constexpr uint64_t kPieceBytes = limits::kMiB;
    const FilePlan& plan = workload.files[index];
    std::ofstream out(file(plan), std::ios::binary);
    client::Sha256 hash;
    for (uint64_t at = 0; at < plan.size && out; at += kPieceBytes) {
        const uint64_t size = std::min(kPieceBytes, plan.size - at);
        const std::string bytes = fileBytes(workload.payload.seed, index, at, size);
        hash.update(bytes);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    out.close();
    if (!out) return Error{ErrorCode::NoRoom, file(plan).string() + " cannot be written"};
    sha256_.push_back(hash.hex());
    return Ok{};
}

fs::path RunFolder::downloads(size_t bot) const {
    return path_ / "bots" / std::to_string(bot);
}

std::vector<std::string> RunFolder::leftIn(size_t bot) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(downloads(bot), error)) {
        names.push_back(entry.path().filename().string());
    }
    return names;
}

}  // namespace netchat::harness
