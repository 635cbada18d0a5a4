import type { Route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { alertRoutes } from './alerts.ts';
import { alertSilenceRoutes } from './alert-silences.ts';
import { auditRoutes } from './audit.ts';
import { automationRoutes } from './automations.ts';
import { availabilityRoutes } from './availability.ts';
import { bargainRoutes } from './bargains.ts';
import { boardRoutes } from './board.ts';
import { campaignClaimRoutes } from './campaign-claims.ts';
import { campaignAudienceRoutes } from './campaign-audience.ts';
import { campaignPreflightRoutes } from './campaign-preflight.ts';
import { campaignReportRoutes } from './campaign-report.ts';
import { campaignRetryRoutes } from './campaign-retry.ts';
import { campaignRoutes } from './campaigns.ts';
import { catalogRoutes } from './catalog.ts';
import { companyRoutes } from './company.ts';
import { couponRoutes } from './coupons.ts';
import { deliveryRoutes } from './deliveries.ts';
import { forecastRoutes } from './forecast.ts';
import { countRoutes } from './counts.ts';
import { groupRoutes } from './groups.ts';
import { ingestRoutes } from './ingest.ts';
import { keyRoutes } from './keys.ts';
import { liveMoveRoutes } from './live-moves.ts';
import { liveRoutes } from './live.ts';
import { lookupRoutes } from './lookups.ts';
import { memberRoutes } from './members.ts';
import { operationRoutes } from './operations.ts';
import { pastCampaignRoutes } from './past-campaigns.ts';
import { peopleRoutes } from './people.ts';
import { planRoutes } from './plans.ts';
import { pointRoutes } from './points.ts';
import { policyRoutes } from './policies.ts';
import { promotionRoutes } from './promotions.ts';
import { proposalRoutes } from './proposals.ts';
import { rejectedEventRoutes } from './rejected-events.ts';
import { reservationRoutes } from './reservations.ts';
import { salesRoutes } from './sales.ts';
import { segmentRoutes } from './segments.ts';
import { sessionRoutes } from './sessions.ts';
import { stockBufferRoutes } from './stock-buffers.ts';
import { stockRoutes } from './stock.ts';
import { slowMoverRoutes } from './slow-movers.ts';
import { supplyDeliveryRoutes } from './supply-deliveries.ts';
import { supplyOrderRoutes } from './supply-orders.ts';
import { targetRoutes } from './targets.ts';
import { wallPairingRoutes } from './wall-pairings.ts';
import { wallRoutes } from './walls.ts';

/** Every route there is: the app serves them, the description lists them, a test tries each with everyone. */
export const allRoutes = (parts: Parts): Route[] =>
  [
    operationRoutes,
    companyRoutes,
    sessionRoutes,
    peopleRoutes,
    keyRoutes,
    wallPairingRoutes,
    wallRoutes,
    auditRoutes,
    ingestRoutes,
    rejectedEventRoutes,
    catalogRoutes,
    planRoutes,
    policyRoutes,
    salesRoutes,
    targetRoutes,
    stockRoutes,
    forecastRoutes,
    promotionRoutes,
    stockBufferRoutes,
    availabilityRoutes,
    reservationRoutes,
    lookupRoutes,
    alertRoutes,
    alertSilenceRoutes,
    deliveryRoutes,
    proposalRoutes,
    supplyOrderRoutes,
    supplyDeliveryRoutes,
    countRoutes,
    slowMoverRoutes,
    liveRoutes,
    liveMoveRoutes,
    memberRoutes,
    pointRoutes,
    segmentRoutes,
    campaignRoutes,
    campaignClaimRoutes,
    pastCampaignRoutes,
    campaignAudienceRoutes,
    campaignPreflightRoutes,
    campaignReportRoutes,
    campaignRetryRoutes,
    automationRoutes,
    couponRoutes,
    groupRoutes,
    bargainRoutes,
    boardRoutes,
  ].flatMap((routesOf) => routesOf(parts));
