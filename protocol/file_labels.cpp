#include "protocol/file_labels.h"

#include <algorithm>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/time_text.h"

namespace netchat {

namespace {

constexpr std::string_view kFolder = "\tfolder:";
constexpr std::string_view kMtime = "\tmtime:";

}  // namespace

Status checkFolder(std::string_view folder) {
    const auto refuse = [](const std::string& why) {
        return Error{ErrorCode::BadName, "a file's folder " + why};
    };
    if (folder.size() > limits::kFolderBytesMax) {
        return refuse("can have at most " + std::to_string(limits::kFolderBytesMax) + " bytes");
    }
    size_t parts = 0;
    for (size_t from = 0; from <= folder.size();) {
        const size_t end = std::min(folder.find('/', from), folder.size());
        const Status good = checkFileName(folder.substr(from, end - from));
        if (!good) return refuse("is made of names with '/' between: " + good.error().text);
        if (++parts > limits::kFolderPartsMax) {
            return refuse("can have at most " + std::to_string(limits::kFolderPartsMax) + " parts");
        }
        from = end + 1;
    }
    return Ok{};
}

std::string fileText(const FileLabels& labels) {
    std::string text(labels.name);
    if (!labels.folder.empty()) text.append(kFolder).append(labels.folder);
    if (labels.mtime) text.append(kMtime).append(isoTime(*labels.mtime).str());
    return text;
}

FileLabels parseFileText(std::string_view text) {
    FileLabels labels{text};
    const size_t folder = text.find(kFolder);
    const size_t mtime = text.find(kMtime, folder == std::string_view::npos ? 0 : folder);
    if (mtime != std::string_view::npos) {
        const auto time = parseIsoTime(text.substr(mtime + kMtime.size()));
        if (!time) return labels;
        labels.mtime = *time;
        text = text.substr(0, mtime);
    }
    if (folder != std::string_view::npos) {
        labels.folder = text.substr(folder + kFolder.size());
        text = text.substr(0, folder);
    }
    labels.name = text;
    return labels;
}

}  // namespace netchat
