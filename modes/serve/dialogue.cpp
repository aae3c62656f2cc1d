#include "modes/serve/dialogue.h"

#include "modes/serve/session.h"
#include "modes/serve/shard.h"

namespace netchat::serve {

Uploads& Dialogue::uploads() {
    if (!uploads_) {
        Shard& shard = session_->shard();
        uploads_ = std::make_unique<Uploads>(shard.files(), *this, shard.deliverTo(session_->id()),
                                             shard.options().spoolBytes);
    }
    return *uploads_;
}

bool Dialogue::receivesUpload() const {
    return uploads_ && uploads_->receiving();
}

void Dialogue::frameBegan() {
    frameMs_ = session_->shard().nowMs();
}

void Dialogue::partCame() {
    partMs_ = session_->shard().nowMs();
}

void Dialogue::endUploads(const Error& why) {
    if (!uploads_) return;
    for (const Upload& upload : uploads_->cutReceiving()) uploadFailed(upload, why);
}

}  // namespace netchat::serve
