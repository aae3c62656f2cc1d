#include "modes/serve/session/dialogue.h"

namespace netchat::serve {

Uploads& Dialogue::uploads() {
    if (!uploads_) {
        uploads_ = std::make_unique<Uploads>(context_.files(), *this, context_.deliver(),
                                             context_.options().spoolBytes);
    }
    return *uploads_;
}

bool Dialogue::receivesUpload() const {
    return uploads_ && uploads_->receiving();
}

void Dialogue::frameBegan() {
    frameMs_ = context_.nowMs();
}

void Dialogue::partCame(uint64_t number) {
    partMs_ = context_.nowMs();
    Upload* const upload = uploads_ ? uploads_->find(number) : nullptr;
    if (upload) upload->partMs = partMs_;
}

int64_t Dialogue::partialSinceMs() const {
    if (partialInput() != PartialInput::Upload) return frameMs_;
    return receivesUpload() ? uploads_->oldestPartMs() : partMs_;
}

void Dialogue::excuse(int64_t nowMs) {
    frameMs_ = partMs_ = nowMs;
    if (uploads_) uploads_->excuse(nowMs);
}

void Dialogue::endUploads(int64_t partMs, const Error& why) {
    if (!uploads_) return;
    for (const Upload& upload : uploads_->cutReceiving(partMs)) uploadFailed(upload, why);
}

}  // namespace netchat::serve
