#pragma once

// `netchat bot --listen`: prints what it hears, a line each.

#include <optional>

#include "modes/bot/heard_filter.h"
#include "modes/bot/output.h"
#include "modes/bot/solo.h"
#include "modes/client/reader_watch.h"

namespace netchat::bot {

struct ListenSettings {
    std::optional<uint64_t> count;  // leave after so many messages and files of others, that fit
    HeardFilter filter = {};
    bool json = false;  // every event, instead of what people say
};

// "lobby alice: hello"; empty for what people did not say. Neutralised.
std::string heardLine(const client::Event& event);

// Loop thread only.
class ListenMode : public Solo {
  public:
    ListenMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings,
               ListenSettings listen, Output& output, std::function<void(const Outcome&)> finished);

  private:
    void onReady() override;
    bool onHeard(const client::Event& event) override;
    bool counts(const client::Event& event) const;
    bool fits(const client::Event& event) const;
    void tellHowToGet(const client::event::File& file) const;
    void onDeadline() override;

    ListenSettings listen_;
    Output& output_;
    client::ReaderWatch reader_;
    uint64_t heard_ = 0;
};

}  // namespace netchat::bot
