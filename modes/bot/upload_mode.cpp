#include "modes/bot/upload_mode.h"

#include <utility>

#include "modes/client/transfer.h"
#include "modes/client/upload_plan.h"
#include "protocol/duration.h"
#include "protocol/text_safety.h"

namespace netchat::bot {

namespace event = client::event;

UploadMode::UploadMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings,
                       std::vector<std::string> paths, std::string as, int inputFd, Output& output,
                       std::function<void(const Outcome&)> finished)
    : Solo(loop, factory, std::move(settings), std::move(finished)),
      paths_(std::move(paths)),
      as_(std::move(as)),
      inputFd_(inputFd),
      output_(output) {
}

UploadMode::~UploadMode() {
    loop().cancel(look_);
}

void UploadMode::onReady() {
    if (paths_ != std::vector<std::string>{"-"}) return sendPaths();
    spool_ = std::make_unique<InputSpool>(loop(), inputFd_, chat().fileBytesMax(),
                                          [this](const Status& status) { spooled(status); });
}

void UploadMode::sendPaths() {
    client::UploadPlan plan = client::planUploads(paths_);
    if (!as_.empty() && !plan.files.empty() && !plan.files.front().folder.empty()) {
        plan.files.clear();
        plan.errors.push_back(forLog(paths_.front(), 200) + ": --as names a file, not a folder");
    }
    for (const client::PlannedUpload& file : plan.files) {
        send(file.path, {.name = as_, .folder = file.folder});
    }
    for (const std::string& error : plan.errors) fail(error);
    if (!plan.leftOut.empty()) print(plan.leftOut);
    look();
}

void UploadMode::spooled(const Status& status) {
    if (!ready()) return;
    if (status) {
        send(spool_->path(), {.name = as_});
    } else {
        fail(status.error().text);
    }
    look();
}

void UploadMode::send(const std::filesystem::path& path, const client::UploadAs& as) {
    if (settings().client.classic) {
        const auto sent = chat().uploadAs(kLobby, path, as);
        if (!sent) fail(sent.error().text);
        return;
    }
    for (const std::string& room : settings().rooms) {
        const auto sent = chat().uploadAs(room, path, as);
        if (!sent) fail(sent.error().text);
    }
}

void UploadMode::fail(const std::string& why) {
    failures_.push_back("not sent: " + why);
    print(failures_.back());
}

bool UploadMode::onHeard(const client::Event& event) {
    ++heard_;
    if (const auto* file = std::get_if<event::Uploaded>(&event)) {
        const std::string folder = file->folder.empty() ? "" : forLog(file->folder, 1100) + "/";
        output_.line(std::string(file->sha256) + "  " + folder + forLog(file->name, 300));
    }
    const auto* const refused = std::get_if<event::Refused>(&event);
    if (refused != nullptr && (refused->re == "offer" || refused->re == "data")) {
        print("not sent: " + forLog(refused->name, 300) + ": " + forLog(refused->text, 300));
    }
    return true;
}

// A large file takes its time to be read, and a slow line to take it: as long as something moves,
// it is waited for.
void UploadMode::look() {
    if (chat().idle() && chat().unacknowledged() == 0) return drain();
    uint64_t done = 0;
    for (const client::Transfer& transfer : chat().transfers().all) done += transfer.done;
    const bool moves = done != seen_ || heard_ != heardSeen_ || away();
    seen_ = done;
    heardSeen_ = heard_;
    const int64_t pauseMs = 5;
    if (moves) stillMs_ = 0;
    if ((stillMs_ += pauseMs) > settings().timeoutMs) {
        return leave({kTimedOut, "no reply from the server for " +
                                     durationText(settings().timeoutMs) +
                                     "; not all files were sent"});
    }
    look_ = loop().after(pauseMs, [this] {
        look_ = 0;
        if (ready()) look();
    });
}

Outcome UploadMode::onDrained() {
    if (failures_.empty()) return output_.lost();
    const size_t more = failures_.size() - 1;
    return {kFile,
            failures_.front() + (more > 0 ? " (and " + std::to_string(more) + " more)" : "")};
}

}  // namespace netchat::bot
